#include "layers/common/arguments.h"

namespace halcyon {

ArgumentDef data_format_argument() {
    return {"data_format", argument::data_format(), Value("channels_last"),
            "whether the channels are the last axis, as in Keras, or the first, as in PyTorch"};
}

ArgumentDef activation_argument() {
    return {"activation", argument::activation(), Value("linear"), "applied to the result"};
}

ArgumentDef use_bias_argument() {
    return {"use_bias", argument::boolean(), Value(true), "whether a number per channel is added"};
}

ArgumentDef padding_argument(int rank) {
    return {"padding", argument::window_padding(rank), Value("valid"),
            "'valid': none; 'same': so that the result has ceil(size / stride) " +
                std::string(rank == 1 ? "steps" : "rows and columns") +
                ", the odd one after; or pads by number, as in PyTorch"};
}

ArgumentDef causal_padding_argument() {
    ArgumentDef padding = padding_argument(1);
    const ArgumentType word = argument::choice({"causal"});
    const ArgumentType others = std::move(padding.type);
    padding.type = {"'causal', " + others.description,
                    [word, others](const Value& written, std::string& why) -> std::optional<Value> {
                        const std::optional<Value> causal = word.normalize(written, why);
                        return causal ? causal : others.normalize(written, why);
                    }};
    padding.doc += "; 'causal': all before the first step";
    return padding;
}

ArgumentDef strides_argument(int rank) {
    return {"strides", argument::tuple_of(argument::positive_integer(), rank), repeated(1, rank),
            "steps of the window"};
}

ArgumentDef dilation_argument(int rank) {
    return {"dilation_rate", argument::tuple_of(argument::positive_integer(), rank), repeated(1, rank),
            "distance between neighbouring elements of the window"};
}

ArgumentDef kernel_size_argument(int rank) {
    return {"kernel_size", argument::tuple_of(argument::positive_integer(), rank), std::nullopt, "size of the window"};
}

ArgumentDef initializer_argument(std::string name, std::string by_default) {
    Value::Object object{std::move(by_default), {}};
    if (object.class_name != "Zeros" && object.class_name != "Ones") object.arguments["seed"] = Value();
    return {std::move(name), argument::initializer(), Value(std::move(object)),
            "where the weight has no trained numbers"};
}

ArgumentDef training_argument(std::string name) {
    return {std::move(name), argument::ignored(), Value(), "only matters in training", true};
}

ArgumentDef unavailable_argument(std::string name) {
    const auto only_none = [](const Value& written, std::string&) -> std::optional<Value> {
        const bool off = written.is_none() || (written.boolean() != nullptr && !*written.boolean());
        return off ? std::optional(Value()) : std::nullopt;
    };
    return {std::move(name), {"None, since Halcyon has nothing of the kind", only_none}, Value(), "not available"};
}

Value repeated(int n, int rank) {
    return Value::Sequence(static_cast<std::size_t>(rank), Value(n));
}

}  // namespace halcyon
