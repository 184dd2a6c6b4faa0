#pragma once

#include <string>
#include <vector>

#include "commands/common/load_model.h"

namespace halcyon {

/// Every layer's value for one item, by node of model.layers. What a kernel computes is read from its buffer; what is
/// fused away is recomputed in double precision from those. `inputs` and `outputs` are the doors' bytes; outputs are
/// filled.
[[nodiscard]] std::vector<Array> layer_values(RunnableModel& runnable, const std::vector<std::string>& inputs,
                                              std::vector<std::string>& outputs);

/// File names without their ending for `layers`: what could mean something in a path becomes '_', and names that come
/// twice, or no longer differ, are told apart by a number. At most 200 bytes long.
[[nodiscard]] std::vector<std::string> layer_file_names(const std::vector<std::string>& layers);

}  // namespace halcyon
