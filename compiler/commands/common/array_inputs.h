#pragma once

#include <optional>

#include "commands/common/door_files.h"
#include "formats/tensor_file.h"

namespace halcyon {

/// The model's inputs from a file of arrays that has one for every door, by its name; with one axis more in front they
/// are a batch. float64 is rounded to float32, as Keras does; other numbers that the door's type does not hold are an
/// error, and so is a missing array.
[[nodiscard]] std::optional<RunInputs> inputs_from(const TensorFile& file, const std::vector<Door>& doors,
                                                   Diagnostics& diag);

}  // namespace halcyon
