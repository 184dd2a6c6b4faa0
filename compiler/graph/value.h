#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace halcyon {

/// A plain datum of the language: what a layer's argument can be.
struct Value {
    struct None {
        friend bool operator==(const None&, const None&) = default;
    };
    /// An initializer, regularizer or other object written as a call: HeNormal(seed=3).
    struct Object {
        std::string class_name;
        std::map<std::string, Value> arguments;
        friend bool operator==(const Object& a, const Object& b);
    };
    using Sequence = std::vector<Value>;  ///< a tuple or a list
    std::variant<None, bool, std::int64_t, double, std::string, Sequence, Object> data;

    Value() = default;
    Value(bool v) : data(v) {}
    Value(int v) : data(std::int64_t{v}) {}
    Value(std::int64_t v) : data(v) {}
    Value(double v) : data(v) {}
    Value(const char* v) : data(std::string(v)) {}
    Value(std::string v) : data(std::move(v)) {}
    Value(Sequence v) : data(std::move(v)) {}
    Value(Object v) : data(std::move(v)) {}

    [[nodiscard]] bool is_none() const { return std::holds_alternative<None>(data); }
    [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data); }
    [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&data); }
    [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&data); }
    [[nodiscard]] const Sequence* sequence() const { return std::get_if<Sequence>(&data); }
    [[nodiscard]] const Object* object() const { return std::get_if<Object>(&data); }
    /// A number, integer or not; bool is none.
    [[nodiscard]] std::optional<double> real() const;

    friend bool operator==(const Value&, const Value&) = default;
};

// Not defaulted inside: there Value is incomplete, which Clang does not accept.
inline bool operator==(const Value::Object& a, const Value::Object& b) {
    return a.class_name == b.class_name && a.arguments == b.arguments;
}

/// As Python would print it: (3, 3), 'same', None, HeNormal(seed=3).
[[nodiscard]] std::string to_text(const Value& value);

/// A layer's arguments by name, complete (defaults filled in) and normalized by their ArgumentType.
class Attributes {
public:
    void set(const std::string& name, Value value) { values_[name] = std::move(value); }
    [[nodiscard]] const Value* find(const std::string& name) const;
    // The following CHECK_INTERNAL that the attribute is there with that type: ArgumentType has seen to it.
    [[nodiscard]] const Value& operator[](const std::string& name) const;
    [[nodiscard]] std::int64_t integer(const std::string& name) const;
    [[nodiscard]] double real(const std::string& name) const;
    [[nodiscard]] bool boolean(const std::string& name) const;
    [[nodiscard]] const std::string& string(const std::string& name) const;
    [[nodiscard]] std::vector<std::int64_t> integers(const std::string& name) const;
    [[nodiscard]] bool is_none(const std::string& name) const;

    [[nodiscard]] const std::map<std::string, Value>& all() const { return values_; }
    friend bool operator==(const Attributes&, const Attributes&) = default;

private:
    std::map<std::string, Value> values_;
};

}  // namespace halcyon
