#pragma once

#include "commands/common/listing.h"
#include "graph/graph.h"

namespace halcyon {

/// A model's layers with shapes, parameters, multiply-adds and the bytes of their results (float32), and the totals.
struct LayerListing {
    Listing listing;
    std::int64_t parameters = 0;  ///< shared ones once
    std::int64_t macs = 0;
    std::int64_t bytes = 0;
};
[[nodiscard]] LayerListing list_layers(const Graph& layers);

}  // namespace halcyon
