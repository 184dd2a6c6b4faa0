// Field numbers are those of onnx.proto, github.com/onnx/onnx.
#include "formats/common/read_onnx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "formats/common/wire_reader.h"

namespace halcyon::onnx_file {
namespace {

constexpr std::size_t most_parts =
    1'000'000;  ///< nodes, tensors, attributes and so on: a few bytes can make each of them
constexpr std::size_t most_axes = 64;

/// Thrown inside this file only.
struct Unsound {
    std::string message;
};

using Field = WireReader::Field;

template <typename OnField>
void each_field(std::string_view message, std::string_view what, OnField on_field) {
    WireReader reader(message);
    while (const std::optional<Field> field = reader.next()) on_field(*field);
    if (!reader.sound()) throw Unsound{fmt::format("{} is not whole: it was cut short, or is something else", what)};
}

/// Repeated numbers stand one by one or packed.
template <typename OnNumber>
void each_number(const Field& field, std::string_view what, OnNumber on_number) {
    if (field.kind != WireReader::Kind::bytes) {
        on_number(field.value);
        return;
    }
    WireReader packed(field.bytes);
    while (!packed.at_end()) {
        const std::optional<std::uint64_t> number = packed.varint();
        if (!number) throw Unsound{fmt::format("{} is not whole: it was cut short, or is something else", what)};
        on_number(*number);
    }
}

struct TypeName {
    std::string_view name;
    std::optional<StoredType> type;
};

/// By the number in TensorProto.DataType.
TypeName type_of(std::int64_t number) {
    using enum StoredType;
    static constexpr std::array<std::pair<std::string_view, std::optional<StoredType>>, 17> types{{
        {"UNDEFINED", {}},
        {"FLOAT", float32},
        {"UINT8", uint8},
        {"INT8", int8},
        {"UINT16", {}},
        {"INT16", int16},
        {"INT32", int32},
        {"INT64", int64},
        {"STRING", {}},
        {"BOOL", boolean},
        {"FLOAT16", float16},
        {"DOUBLE", float64},
        {"UINT32", {}},
        {"UINT64", {}},
        {"COMPLEX64", {}},
        {"COMPLEX128", {}},
        {"BFLOAT16", bfloat16},
    }};
    if (number < 0 || static_cast<std::size_t>(number) >= types.size()) return {"of a type that is not known", {}};
    const auto& [name, type] = types[static_cast<std::size_t>(number)];
    return {name, type};
}

class ModelReader {
public:
    ModelReader(const ReadExternal& external, std::deque<std::string>& unpacked)
        : external_(external), unpacked_(unpacked) {}

    Model read(std::string_view bytes) {
        Model model;
        std::string version;
        bool has_graph = false;
        std::int64_t ir_version = 0;
        each_field(bytes, "the file", [&](const Field& field) {
            if (field.is_number(1)) ir_version = field.integer();
            if (field.is_message(2)) model.producer = printable(field.bytes);
            if (field.is_message(3)) version = printable(field.bytes);
            if (field.is_message(8)) read_opset(field.bytes, model);
            if (field.is_message(25)) model.has_functions = true;
            if (!field.is_message(7)) return;
            if (has_graph) throw Unsound{"it has two graphs"};
            has_graph = true;
            read_graph(field.bytes, model);
        });
        if (ir_version == 0 || !has_graph) throw Unsound{"it is no ONNX model: it has no version or no graph"};
        if (!version.empty()) model.producer += " " + version;
        return model;
    }

private:
    template <typename Part>
    Part& add_to(std::vector<Part>& parts) {
        if (++parts_ > most_parts) throw Unsound{fmt::format("it has more than {} parts", most_parts)};
        return parts.emplace_back();
    }

    static std::string text_of(const Field& field) { return std::string(field.bytes); }

    static void read_opset(std::string_view bytes, Model& model) {
        std::string domain;
        std::int64_t version = 0;
        each_field(bytes, "its opset", [&](const Field& field) {
            if (field.is_message(1)) domain = text_of(field);
            if (field.is_number(2)) version = field.integer();
        });
        if (domain.empty() || domain == "ai.onnx") model.opset = version;
    }

    void read_graph(std::string_view bytes, Model& model) {
        each_field(bytes, "its graph", [&](const Field& field) {
            if (field.kind != WireReader::Kind::bytes) return;
            switch (field.number) {
            case 1: read_node(field.bytes, add_to(model.nodes)); break;
            case 2: model.graph_name = text_of(field); break;
            case 5: read_tensor(field.bytes, add_to(model.initializers)); break;
            case 11: read_door(field.bytes, add_to(model.inputs)); break;
            case 12: read_door(field.bytes, add_to(model.outputs)); break;
            case 15: throw Unsound{"it has sparse tensors, which are not read"};
            default: break;
            }
        });
    }

    void read_node(std::string_view bytes, Node& node) {
        each_field(bytes, "a node", [&](const Field& field) {
            if (field.kind != WireReader::Kind::bytes) return;
            switch (field.number) {
            case 1: add_to(node.inputs) = text_of(field); break;
            case 2: add_to(node.outputs) = text_of(field); break;
            case 3: node.name = text_of(field); break;
            case 4: node.type = text_of(field); break;
            case 5: read_attribute(field.bytes, add_to(node.attributes)); break;
            case 7: node.domain = text_of(field); break;
            default: break;
            }
        });
    }

    void read_attribute(std::string_view bytes, Attribute& attribute) {
        std::int64_t type = 0;
        each_field(bytes, "an attribute", [&](const Field& field) {
            const bool message = field.kind == WireReader::Kind::bytes;
            switch (field.number) {
            case 1: attribute.name = text_of(field); break;
            case 2: attribute.number = std::bit_cast<float>(static_cast<std::uint32_t>(field.value)); break;
            case 3: attribute.integer = field.integer(); break;
            case 4: attribute.text = text_of(field); break;
            case 5:
                if (message) read_tensor(field.bytes, attribute.tensor);
                break;
            case 7: read_floats(field, attribute.numbers); break;
            case 8:
                each_number(field, "an attribute", [&](std::uint64_t value) {
                    attribute.integers.push_back(static_cast<std::int64_t>(value));
                });
                break;
            case 9: add_to(attribute.texts) = text_of(field); break;
            case 20: type = field.integer(); break;
            default: break;
            }
        });
        using enum Attribute::Kind;
        // By AttributeProto.AttributeType.
        static constexpr std::array<Attribute::Kind, 9> kinds{other, number,  integer,  text, tensor,
                                                              other, numbers, integers, texts};
        if (type > 0 && static_cast<std::size_t>(type) < kinds.size())
            attribute.kind = kinds[static_cast<std::size_t>(type)];
    }

    static void read_floats(const Field& field, std::vector<float>& numbers) {
        std::string_view bytes = field.bytes;
        if (field.kind == WireReader::Kind::fixed64 || bytes.size() % sizeof(float) != 0)
            throw Unsound{"an attribute is not whole: it was cut short, or is something else"};
        for (; !bytes.empty(); bytes.remove_prefix(sizeof(float))) {
            float number = 0.0F;
            std::memcpy(&number, bytes.data(), sizeof number);
            numbers.push_back(number);
        }
    }

    struct TensorParts {
        Shape shape;
        std::int64_t type = 0;
        std::optional<std::string_view> raw;
        std::string floats, doubles;
        std::string_view packed_floats, packed_doubles;  ///< where they stand in one piece
        std::vector<std::uint64_t> integers;
        bool external = false;
        ExternalData data;
    };

    static void add_fixed(const Field& field, std::string_view& one_piece, std::string& pieces) {
        if (one_piece.empty() && pieces.empty()) {
            one_piece = field.bytes;
            return;
        }
        if (pieces.empty()) pieces = one_piece;
        pieces += field.bytes;
    }

    void read_tensor(std::string_view bytes, Tensor& tensor) {
        TensorParts parts;
        each_field(bytes, "a tensor", [&](const Field& field) {
            switch (field.number) {
            case 1:
                each_number(field, "a tensor", [&](std::uint64_t extent) {
                    if (parts.shape.size() >= most_axes) throw Unsound{"a tensor has more than 64 axes"};
                    parts.shape.push_back(static_cast<std::int64_t>(extent));
                });
                break;
            case 2: parts.type = field.integer(); break;
            case 3: throw Unsound{"a tensor is in segments, which are not read"};
            case 4: add_fixed(field, parts.packed_floats, parts.floats); break;
            case 5:
            case 7:
            case 11:
                each_number(field, "a tensor", [&](std::uint64_t number) { parts.integers.push_back(number); });
                break;
            case 8: tensor.name = text_of(field); break;
            case 9:
                if (field.kind == WireReader::Kind::bytes) parts.raw = field.bytes;
                break;
            case 10: add_fixed(field, parts.packed_doubles, parts.doubles); break;
            case 13:
                if (field.kind == WireReader::Kind::bytes) read_external_entry(field.bytes, parts.data);
                break;
            case 14: parts.external = field.integer() == 1; break;
            default: break;
            }
        });
        take_value(std::move(parts), tensor);
    }

    static std::int64_t number_of(std::string_view value, std::string_view key) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc{} || end != value.data() + value.size() || number < 0)
            throw Unsound{fmt::format("the {} of external data is '{}'", key, printable(value))};
        return number;
    }

    static void read_external_entry(std::string_view bytes, ExternalData& data) {
        std::string key, value;
        each_field(bytes, "a tensor", [&](const Field& field) {
            if (field.is_message(1)) key = text_of(field);
            if (field.is_message(2)) value = text_of(field);
        });
        if (key == "location") data.location = value;
        if (key == "offset") data.offset = number_of(value, key);
        if (key == "length") data.length = number_of(value, key);
    }

    /// Numbers of the type's size, packed or one by one, as they would lie in raw_data.
    std::string_view numbers_of(const TensorParts& parts, StoredType type) {
        if (type == StoredType::float32 || type == StoredType::float64) {
            const bool single = type == StoredType::float32;
            const std::string& pieces = single ? parts.floats : parts.doubles;
            if (pieces.empty()) return single ? parts.packed_floats : parts.packed_doubles;
            return unpacked_.emplace_back(pieces);
        }
        const auto size = static_cast<std::size_t>(bytes_of(type));
        std::string& bytes = unpacked_.emplace_back();
        bytes.reserve(parts.integers.size() * size);
        for (std::uint64_t number : parts.integers)
            for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xffU);
        return bytes;
    }

    void take_value(TensorParts parts, Tensor& tensor) {
        const TypeName type = type_of(parts.type);
        if (!type.type) {
            tensor.refused = fmt::format("its numbers are {}", type.name);
            return;
        }
        const std::string name = printable(tensor.name);
        const std::optional<std::int64_t> bytes = stored_bytes(*type.type, parts.shape);
        if (!bytes) {
            throw Unsound{fmt::format("the tensor '{}' has the impossible shape ({})", name,
                                      fmt::join(parts.shape.begin(), parts.shape.end(), ", "))};
        }
        std::string_view value;
        if (parts.external) {
            if (!parts.data.length) parts.data.length = *bytes;
            auto given = external_(parts.data);
            if (const auto* mistake = std::get_if<FormatError>(&given))
                throw Unsound{fmt::format("the tensor '{}': {}", name, mistake->message)};
            value = std::get<std::string_view>(given);
        } else {
            value = parts.raw ? *parts.raw : numbers_of(parts, *type.type);
        }
        if (value.size() != static_cast<std::uint64_t>(*bytes)) {
            throw Unsound{fmt::format("the tensor '{}' of the shape ({}) needs {} bytes and has {}", name,
                                      fmt::join(parts.shape.begin(), parts.shape.end(), ", "), *bytes, value.size())};
        }
        tensor.value = {*type.type, std::move(parts.shape), value};
    }

    static void read_door(std::string_view bytes, Door& door) {
        each_field(bytes, "an input or output", [&](const Field& field) {
            if (field.is_message(1)) door.name = text_of(field);
            if (field.is_message(2)) read_type(field.bytes, door);
        });
    }

    static void read_type(std::string_view bytes, Door& door) {
        each_field(bytes, "a type", [&](const Field& field) {
            if (field.is_message(1)) {
                read_tensor_type(field.bytes, door);
            } else if (field.kind == WireReader::Kind::bytes && field.number != 6) {
                door.refused = "is no tensor";
            }
        });
    }

    static void read_tensor_type(std::string_view bytes, Door& door) {
        each_field(bytes, "a type", [&](const Field& field) {
            if (field.is_number(1)) {
                const TypeName type = type_of(field.integer());
                door.type = type.type;
                if (!type.type && field.integer() != 0) door.refused = fmt::format("is {}", type.name);
            }
            if (!field.is_message(2)) return;
            door.has_shape = true;
            each_field(field.bytes, "a shape", [&](const Field& dimension) {
                if (!dimension.is_message(1)) return;
                if (door.extents.size() >= most_axes) throw Unsound{"an input or output has more than 64 axes"};
                std::int64_t extent = -1;
                std::string open_name;
                each_field(dimension.bytes, "a shape", [&](const Field& value) {
                    if (value.is_number(1)) extent = std::max<std::int64_t>(value.integer(), -1);
                    if (value.is_message(2)) open_name = text_of(value);
                });
                door.extents.push_back(extent);
                door.open_names.push_back(open_name);
            });
        });
    }

    std::size_t parts_ = 0;
    const ReadExternal& external_;
    std::deque<std::string>& unpacked_;
};

}  // namespace

std::variant<Model, FormatError> read_model(std::string_view bytes, const ReadExternal& external,
                                            std::deque<std::string>& unpacked) {
    try {
        return ModelReader(external, unpacked).read(bytes);
    } catch (const Unsound& mistake) {
        return FormatError{Code::bad_onnx_file, mistake.message};
    }
}

}  // namespace halcyon::onnx_file
