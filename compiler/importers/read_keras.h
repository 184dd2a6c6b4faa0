#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "importers/network.h"
#include "support/diagnostics.h"

namespace halcyon::importers {

struct KerasReadOptions {
    /// What stands for the sizes of an input that the file leaves open, (None, None, 3), in order.
    std::vector<std::int64_t> input_size;
};

/// The network that the JSON text of a Keras file describes: config.json of a `.keras` file, or the attribute model_config of
/// an `.h5` file, by Keras 3 or 2. `path` stands in messages. Nothing in it is ever executed. All layers that cannot be
/// imported are one error (cannot_import); JSON that contradicts itself is another (bad_keras_file).
[[nodiscard]] std::optional<ImportedNetwork> read_keras(std::string_view architecture, const std::string& path,
                                                        const KerasReadOptions& options, Diagnostics& diag);

}  // namespace halcyon::importers
