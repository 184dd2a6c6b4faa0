#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "graph/elaboration.h"

namespace halcyon::language {

/// keras, keras.layers, ...: accepted before names, with or without an import.
struct KerasNamespace {
    std::string_view name;
    bool training_only = false;  ///< optimizers, data sets, plots: whatever is taken from it is ignored, with one note
};

/// A class whose objects only are arguments of layers: initializers, regularizers, constraints.
struct KerasClass {
    std::string_view name;
    std::string_view home;                     ///< the namespace: "keras.initializers"
    std::vector<std::string_view> parameters;  ///< in Keras's positional order
};

/// Names that mean something without being assigned: layers, functions, namespaces, initializers.
[[nodiscard]] std::optional<LanguageValue> find_global_name(std::string_view name);
void list_global_names(std::vector<std::string_view>& names);

/// keras.layers.Conv2D and the like; nothing if there is none. Dotted names of modules resolve step by step.
[[nodiscard]] std::optional<LanguageValue> find_in_namespace(Elaboration& elaboration, const KerasNamespace& keras,
                                                             std::string_view name);
[[nodiscard]] std::vector<std::string_view> names_in(const KerasNamespace& keras);

/// HeNormal without parentheses: an object with all its defaults.
[[nodiscard]] Value class_value(const KerasClass& type);

/// HeNormal(seed=1): becomes a plain value for an argument of a layer.
[[nodiscard]] LanguageValue construct_object(Elaboration& elaboration, const KerasClass& type,
                                             const CallArguments& arguments);

}  // namespace halcyon::language
