#include <fmt/format.h>

#include "layers/common/arguments.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<Value> normalize_dtype(const Value& written, std::string& why) {
    if (written.is_none()) return Value("float32");
    if (written.string() == nullptr) return std::nullopt;
    if (element_type_of(*written.string())) return written;
    why = "known are float32, float16, bfloat16, uint8, int8";
    return std::nullopt;
}

/// A shape without batch from `shape`, or from batch_shape, whose first axis is the batch.
std::optional<TensorType> infer_type(const LayerCall& call) {
    const bool whole = call.attributes.is_none("shape");
    const char* name = whole ? "batch_shape" : "shape";
    if (whole && call.attributes.is_none("batch_shape")) {
        call.error(Code::missing_argument, "shape", "an input needs its shape");
        return std::nullopt;
    }
    const Value::Sequence& written = *call.attributes[name].sequence();
    Shape shape;
    for (std::size_t i = whole ? 1 : 0; i < written.size(); ++i) {
        if (written[i].is_none()) {
            call.error(
                Code::bad_input, name,
                fmt::format(
                    "axis {} of the input is None: a library is compiled for one size, so every axis needs a number",
                    i));
            return std::nullopt;
        }
        shape.push_back(*written[i].integer());
    }
    const std::string& dtype = call.attributes.string("dtype");
    return TensorType{*element_type_of(dtype), std::move(shape)};
}

}  // namespace

extern const LayerDef input_layer;
const LayerDef input_layer{
    .name = "InputLayer",
    .doc = "A door of the model, through which the caller hands a tensor.",
    .aliases = {"Input"},
    .arguments =
        {
            {"shape", argument::optional(argument::sequence_of(argument::optional(argument::positive_integer()))),
             Value(), "the shape without the batch"},
            {"batch_size", argument::ignored(), Value(), "means nothing here: --batch says it"},
            {"dtype", {"a type such as 'float32'", normalize_dtype}, Value("float32"), "how numbers lie in memory"},
            unavailable_argument("sparse"),
            unavailable_argument("ragged"),
            {"batch_shape", argument::optional(argument::sequence_of(argument::optional(argument::positive_integer()))),
             Value(), "the shape with the batch before it"},
        },
    .min_inputs = 0,
    .max_inputs = 0,
    .infer_type = infer_type,
};

}  // namespace halcyon::layers
