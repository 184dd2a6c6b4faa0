// The parent's side: the process that gave this answer may have been taken over by the file.
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "formats/common/keras_contents.h"

namespace halcyon {
namespace {

using Json = nlohmann::json;

/// Takes members of the answer's objects; what is not as agreed makes it bad as a whole.
class Header {
public:
    explicit Header(std::string_view numbers) : numbers_(numbers) {}
    [[nodiscard]] bool good() const { return good_; }

    std::string text(const Json& object, const char* key) {
        const Json* found = member(object, key, Json::value_t::string);
        return found == nullptr ? std::string() : found->get<std::string>();
    }

    std::vector<KerasLayerWeights> layers(const Json& header) {
        std::vector<KerasLayerWeights> layers;
        for (const Json& each : list(header, "layers")) {
            KerasLayerWeights layer;
            layer.place = text(each, "place");
            layer.class_name = text(each, "class");
            for (const Json& name : list(each, "names")) {
                good_ = good_ && name.is_string();
                if (good_) layer.names.push_back(name.get<std::string>());
            }
            for (const Json& each_tensor : list(each, "tensors")) layer.tensors.push_back(tensor(each_tensor));
            layers.push_back(std::move(layer));
        }
        return layers;
    }

    std::int64_t number(const Json& object, const char* key) {
        const Json* found = member(object, key, Json::value_t::number_unsigned);
        return found == nullptr ? 0 : number(*found);
    }

private:
    const Json* member(const Json& object, const char* key, Json::value_t type) {
        const auto found = object.is_object() ? object.find(key) : object.end();
        good_ = good_ && object.is_object() && found != object.end() && found->type() == type;
        return good_ ? &*found : nullptr;
    }

    const Json& list(const Json& object, const char* key) {
        static const Json nothing = Json::array();
        const Json* found = member(object, key, Json::value_t::array);
        return found == nullptr ? nothing : *found;
    }

    std::int64_t number(const Json& value) {
        good_ = good_ && value.is_number_unsigned() &&
                value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        return good_ ? value.get<std::int64_t>() : 0;
    }

    KerasLayerWeights::Tensor tensor(const Json& object) {
        KerasLayerWeights::Tensor tensor{.name = text(object, "name"), .value = {}};
        const std::int64_t type = number(object, "type");
        good_ = good_ && type <= static_cast<int>(StoredType::boolean);
        if (good_) tensor.value.type = static_cast<StoredType>(type);
        for (const Json& extent : list(object, "shape")) tensor.value.shape.push_back(number(extent));
        const auto bytes = stored_bytes(tensor.value.type, tensor.value.shape);
        const auto offset = static_cast<std::uint64_t>(number(object, "offset"));
        good_ = good_ && bytes && offset <= numbers_.size() &&
                static_cast<std::uint64_t>(*bytes) <= numbers_.size() - offset;
        if (good_) tensor.value.bytes = numbers_.substr(offset, static_cast<std::size_t>(*bytes));
        return tensor;
    }

    std::string_view numbers_;
    bool good_ = true;
};

}  // namespace

std::variant<KerasContents, FormatError> read_answer(std::string_view answer) {
    const FormatError bad{.code = Code::bad_keras_file, .message = "reading it went wrong"};
    std::uint64_t length = 0;
    if (answer.size() < sizeof length) return bad;
    std::memcpy(&length, answer.data() + answer.size() - sizeof length, sizeof length);
    answer.remove_suffix(sizeof length);
    if (length > answer.size()) return bad;
    const Json header = Json::parse(answer.substr(answer.size() - length), nullptr, /*allow_exceptions=*/false);
    answer.remove_suffix(length);

    Header reader(answer);
    if (header.is_object() && header.contains("problem")) {
        const auto code = reader.number(header, "code") == static_cast<int>(Code::unsupported_tensor)
                              ? Code::unsupported_tensor
                              : Code::bad_keras_file;
        return FormatError{.code = code, .message = printable(reader.text(header, "problem"))};
    }
    KerasContents contents;
    contents.architecture = reader.text(header, "architecture");
    contents.keras_version = reader.text(header, "keras_version");
    contents.layers = reader.layers(header);
    if (!reader.good()) return bad;
    return contents;
}

}  // namespace halcyon
