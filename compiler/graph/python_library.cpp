#include "graph/python_library.h"

#include <cmath>
#include <numbers>

#include "graph/call_binding.h"
#include "graph/layer_application.h"
#include "graph/sequences.h"

namespace halcyon::language {
namespace {

// ---- math and numpy ----

struct Ceil {
    static constexpr std::string_view name = "ceil";
    static double compute(double x) { return std::ceil(x); }
};
struct Floor {
    static constexpr std::string_view name = "floor";
    static double compute(double x) { return std::floor(x); }
};
struct Sqrt {
    static constexpr std::string_view name = "sqrt";
    static double compute(double x) { return std::sqrt(x); }
};
struct Exp {
    static constexpr std::string_view name = "exp";
    static double compute(double x) { return std::exp(x); }
};
struct Log {
    static constexpr std::string_view name = "log";
    static double compute(double x) { return std::log(x); }
};
struct Log2 {
    static constexpr std::string_view name = "log2";
    static double compute(double x) { return std::log2(x); }
};
struct Log10 {
    static constexpr std::string_view name = "log10";
    static double compute(double x) { return std::log10(x); }
};

/// One number in, one out; `whole`: an int, as math.ceil gives.
template <typename Function, bool whole = false>
LanguageValue call_real(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, Function::name, arguments, {"x"}, 1);
    if (!bound) return Poison{};
    const CallArgument& argument = (*bound)[0];
    const auto x = argument.value.real();
    const double result = x ? Function::compute(*x) : 0.0;
    if (!x || !std::isfinite(result)) {
        elaboration.error(Code::bad_value, argument.span, "{}() has no value for {}", Function::name,
                          describe(argument.value));
        return Poison{};
    }
    if (!whole) return result;
    if (std::abs(result) < 9.2e18) return static_cast<std::int64_t>(result);
    elaboration.error(Code::number_overflow, argument.span, "the result does not fit into 64 bits");
    return Poison{};
}

LanguageValue call_pow(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "pow", arguments, {"x", "y"}, 2);
    if (!bound) return Poison{};
    return apply_binary(elaboration, ast::BinaryOperator::power, {(*bound)[0].value, (*bound)[0].span},
                        {(*bound)[1].value, (*bound)[1].span}, arguments.call);
}

LanguageValue call_prod(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "prod", arguments, {"a"}, 1);
    if (!bound) return Poison{};
    LanguageValue product = std::int64_t{1};
    const Span span = (*bound)[0].span;
    const bool iterated = for_each_element(elaboration, {(*bound)[0].value, span}, [&](const LanguageValue& element) {
        product = apply_binary(elaboration, ast::BinaryOperator::multiply, {product, span}, {element, span}, span);
        return !product.is_poison();
    });
    return iterated ? product : LanguageValue(Poison{});
}

/// `num` numbers from start to stop, both among them.
LanguageValue call_linspace(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "linspace", arguments, {"start", "stop", "num"}, 3);
    if (!bound) return Poison{};
    const auto start = (*bound)[0].value.real(), stop = (*bound)[1].value.real();
    const auto count = (*bound)[2].value.integer();
    const bool good = start && stop && count && *count >= 0;
    if (!good || *count > static_cast<std::int64_t>(Elaboration::max_list)) {
        elaboration.error(Code::bad_value, arguments.call, "linspace() takes two numbers and how many, at most {}",
                          Elaboration::max_list);
        return Poison{};
    }
    Elements numbers;
    for (std::int64_t i = 0; i < *count; ++i) {
        const double share = *count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(*count - 1);
        numbers.push_back(*start + (*stop - *start) * share);
    }
    return elaboration.make_list(std::move(numbers), arguments.call);
}

// ---- copy ----

LanguageValue copied(Elaboration& elaboration, const LanguageValue& value, bool deep, Span span) {
    const Elaboration::Nested nested(elaboration, span);
    if (!nested.ok() || !elaboration.spend(1, span)) return Poison{};
    const auto part = [&](const LanguageValue& inner) { return deep ? copied(elaboration, inner, true, span) : inner; };
    if (const auto* dict = value.get<Dict*>()) {
        Dict copy;
        for (const auto& [key, inner] : (*dict)->items) copy.items.emplace_back(key, part(inner));
        return elaboration.heap.make(std::move(copy));
    }
    const Elements* elements = value.elements();
    if (elements == nullptr) return value;
    Elements copies;
    for (const LanguageValue& inner : *elements) copies.push_back(part(inner));
    return value.list() ? elaboration.make_list(std::move(copies), span)
                        : elaboration.make_tuple(std::move(copies), span);
}

template <bool deep>
LanguageValue call_copy(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, deep ? "deepcopy" : "copy", arguments, {"x"}, 1);
    return bound ? copied(elaboration, (*bound)[0].value, deep, arguments.call) : LanguageValue(Poison{});
}

// ---- keras ----

LanguageValue call_image_data_format(Elaboration& elaboration, const CallArguments& arguments) {
    if (!bound_arguments(elaboration, "image_data_format", arguments, {}, 0)) return Poison{};
    return elaboration.make_text("channels_last", arguments.call);
}

LanguageValue call_floatx(Elaboration& elaboration, const CallArguments& arguments) {
    if (!bound_arguments(elaboration, "floatx", arguments, {}, 0)) return Poison{};
    return elaboration.make_text("float32", arguments.call);
}

LanguageValue call_epsilon(Elaboration& elaboration, const CallArguments& arguments) {
    if (!bound_arguments(elaboration, "epsilon", arguments, {}, 0)) return Poison{};
    return 1e-7;
}

LanguageValue call_backend(Elaboration& elaboration, const CallArguments& arguments) {
    if (!bound_arguments(elaboration, "backend", arguments, {}, 0)) return Poison{};
    return elaboration.make_text("halcyon", arguments.call);
}

LanguageValue call_is_keras_tensor(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "is_keras_tensor", arguments, {"x"}, 1);
    return bound ? LanguageValue((*bound)[0].value.get<Tensor>() != nullptr) : LanguageValue(Poison{});
}

LanguageValue call_int_shape(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "int_shape", arguments, {"x"}, 1);
    if (!bound) return Poison{};
    return attribute_value(elaboration, (*bound)[0].value, (*bound)[0].span, "shape", arguments.callee);
}

/// 1, 2, ... for each text.
LanguageValue call_get_uid(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "get_uid", arguments, {"prefix"}, 0);
    if (!bound) return Poison{};
    const std::string* prefix = (*bound)[0].value.text();
    return std::int64_t{++elaboration.uids[prefix ? *prefix : ""]};
}

/// The inputs that a tensor was computed from; here a tensor that a model starts with is one.
LanguageValue call_get_source_inputs(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "get_source_inputs", arguments, {"tensor"}, 1);
    return bound ? elaboration.make_list({(*bound)[0].value}, arguments.call) : LanguageValue(Poison{});
}

/// What is done with files, weights, pictures and warnings when the network is trained.
LanguageValue call_nothing(Elaboration& elaboration, const CallArguments& arguments) {
    elaboration.diag.add(Severity::note, Code::training_only, arguments.callee,
                         "this has no meaning here and is ignored");
    return None{};
}

/// What is done with data to train on, which a spec never has: whatever comes from it is ignored silently.
LanguageValue call_on_data(Elaboration& elaboration, const CallArguments& arguments) {
    for (const CallArgument& argument : arguments.list) {
        if (argument.value.is_poison()) return Poison{};
    }
    elaboration.error(Code::not_supported, arguments.callee, "this works on data, which a spec does not have").hint =
        "on tensors there are the functions of keras.ops";
    return Poison{};
}

/// np.array([0.485, 0.456]): the list.
LanguageValue call_array(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "array", arguments, {"object", "dtype"}, 1);
    return bound ? (*bound)[0].value : LanguageValue(Poison{});
}

LanguageValue call_exists(Elaboration& elaboration, const CallArguments& arguments) {
    return bound_arguments(elaboration, "exists", arguments, {"path"}, 1) ? LanguageValue(false)
                                                                          : LanguageValue(Poison{});
}

// ---- keras.applications.imagenet_utils ----

/// The shape as given, checked, or the default one. Sizes are always known here.
LanguageValue call_obtain_input_shape(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound =
        bound_arguments(elaboration, "obtain_input_shape", arguments,
                        {"input_shape", "default_size", "min_size", "data_format", "require_flatten", "weights"}, 3);
    if (!bound) return Poison{};
    const CallArgument& written = (*bound)[0];
    if (written.value.is_none())
        return elaboration.make_tuple({(*bound)[1].value, (*bound)[1].value, std::int64_t{3}}, arguments.call);
    const Elements* extents = written.value.elements();
    const std::int64_t smallest = (*bound)[2].value.integer().value_or(1);
    const auto is_good = [&](std::size_t i, std::int64_t low) {
        const auto extent = (*extents)[i].integer();
        return extent && *extent >= low;
    };
    if (extents && extents->size() == 3 && is_good(0, smallest) && is_good(1, smallest) && is_good(2, 1))
        return written.value;
    elaboration.error(Code::bad_input, written.span,
                      "input_shape must be (height, width, channels), at least {} by {}, got {}", smallest, smallest,
                      display(written.value));
    return Poison{};
}

/// The zeros before and after an image that make a "valid" convolution with a stride of 2 begin where PyTorch's would.
LanguageValue call_correct_pad(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bound_arguments(elaboration, "correct_pad", arguments, {"inputs", "kernel_size"}, 2);
    if (!bound) return Poison{};
    const Tensor* tensor = (*bound)[0].value.get<Tensor>();
    const Elements* sizes = (*bound)[1].value.elements();
    const auto size = [&](std::size_t i) {
        return sizes ? (*sizes)[i].integer().value_or(0) : (*bound)[1].value.integer().value_or(0);
    };
    if (!tensor || elaboration.node(*tensor).type.rank() != 3 || (sizes && sizes->size() != 2) || size(0) < 1 ||
        (sizes && size(1) < 1)) {
        elaboration.error(Code::bad_value, arguments.call, "correct_pad() takes an image and a kernel size");
        return Poison{};
    }
    const Shape shape = elaboration.node(*tensor).type.shape;
    Elements pads;
    for (std::size_t i = 0; i < 2; ++i) {
        const std::int64_t half = size(i) / 2;
        pads.push_back(elaboration.make_tuple({half - (1 - shape[i] % 2), half}, arguments.call));
    }
    return elaboration.make_tuple(std::move(pads), arguments.call);
}

LanguageValue call_validate_activation(Elaboration&, const CallArguments&) {
    return None{};
}

}  // namespace

const std::vector<LibraryEntry>& library_entries() {
    static const std::vector<LibraryEntry> table = [] {
        constexpr std::string_view backend = "keras.backend", utils = "keras.utils";
        constexpr std::string_view imagenet = "keras.imagenet_utils";
        std::vector<LibraryEntry> entries = {
            {"copy", {"copy", call_copy<false>}},
            {"copy", {"deepcopy", call_copy<true>}},
            {"math", {Ceil::name, call_real<Ceil, true>}},
            {"math", {Floor::name, call_real<Floor, true>}},
            {"numpy", {Ceil::name, call_real<Ceil>}},
            {"numpy", {Floor::name, call_real<Floor>}},
            {"numpy", {"linspace", call_linspace}},
            {"numpy", {"array", call_array}},
            {"numpy", {"asarray", call_array}},
            {"warnings", {"warn", call_nothing}},
            {backend, {"image_data_format", call_image_data_format}},
            {backend, {"floatx", call_floatx}},
            {backend, {"epsilon", call_epsilon}},
            {backend, {"backend", call_backend}},
            {backend, {"is_keras_tensor", call_is_keras_tensor}},
            {backend, {"int_shape", call_int_shape}},
            {backend, {"get_uid", call_get_uid}},
            {backend, {"clear_session", call_nothing}},
            {"keras.config", {"image_data_format", call_image_data_format}},
            {"keras.config", {"floatx", call_floatx}},
            {utils, {"get_source_inputs", call_get_source_inputs}},
            {utils, {"get_file", call_nothing}},
            {utils, {"plot_model", call_nothing}},
            {utils, {"to_categorical", call_on_data}},
            {utils, {"set_random_seed", call_nothing}},
            {"keras.operation_utils", {"get_source_inputs", call_get_source_inputs}},
            {"keras.file_utils", {"get_file", call_nothing}},
            {"keras.file_utils", {"exists", call_exists}},
            {imagenet, {"obtain_input_shape", call_obtain_input_shape}},
            {imagenet, {"correct_pad", call_correct_pad}},
            {imagenet, {"validate_activation", call_validate_activation}},
        };
        for (const std::string_view name :
             {"argmax", "concatenate", "expand_dims", "load", "mean", "ones", "reshape", "save", "stack", "zeros"}) {
            entries.push_back({"numpy", {name, call_on_data}});
        }
        for (const std::string_view home : {"math", "numpy"}) {
            entries.push_back({home, {Sqrt::name, call_real<Sqrt>}});
            entries.push_back({home, {Exp::name, call_real<Exp>}});
            entries.push_back({home, {Log::name, call_real<Log>}});
            entries.push_back({home, {Log2::name, call_real<Log2>}});
            entries.push_back({home, {Log10::name, call_real<Log10>}});
            entries.push_back({home, {"pow", call_pow}});
            entries.push_back({home, {"prod", call_prod}});
            entries.push_back({home, {"pi", nullptr}, std::numbers::pi});
            entries.push_back({home, {"e", nullptr}, std::numbers::e});
        }
        return entries;
    }();
    return table;
}

std::optional<LanguageValue> find_in_library(std::string_view home, std::string_view name) {
    for (const LibraryEntry& entry : library_entries()) {
        if (entry.home != home || entry.function.name != name) continue;
        if (entry.function.call == nullptr) return entry.number;
        return &entry.function;
    }
    return std::nullopt;
}

}  // namespace halcyon::language
