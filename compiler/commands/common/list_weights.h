#pragma once

#include "commands/common/listing.h"
#include "formats/weights.h"

namespace halcyon {

/// The weights that the network asks for, with what the file has: type, smallest, largest and mean number, or "missing"; then
/// what the file has besides. Nothing when the file cannot be read.
[[nodiscard]] std::optional<Listing> list_weights(const Graph& layers, const std::string& spec_path,
                                                  const WeightOptions& options, Diagnostics& diag);

}  // namespace halcyon
