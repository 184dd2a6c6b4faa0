#pragma once

#include "importers/spec_tree.h"

namespace halcyon::importers {

/// Repeated parts of the model become blocks that it calls. `types` are those of the network's values.
///
/// Parts are found in two ways: by the names that people give layers, conv2_block1_1_conv and conv2_block2_1_conv, which may
/// lead to blocks with parts that are not always there; and as equal runs of layers. Whichever saves most lines is taken, then
/// the next, until nothing saves any more. With `count_early`, calls that only count become loops before further blocks are
/// looked for, which so are not made of many calls of one block.
void find_blocks(SpecTree& tree, const std::vector<TensorType>& types, bool count_early);

}  // namespace halcyon::importers
