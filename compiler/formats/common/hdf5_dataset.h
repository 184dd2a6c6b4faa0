#pragma once

#include <hdf5.h>

#include "formats/common/hdf5_file.h"

namespace halcyon {

/// Examines an open dataset. What no honest file of Keras has is an error; types that Halcyon has no use for leave
/// `unreadable`, since they matter only where they stand for weights. `storage_left` is what of the file's bytes other
/// datasets have not claimed yet.
[[nodiscard]] std::optional<FormatError> examine_dataset(hid_t dataset, std::uint64_t& storage_left,
                                                         Hdf5Dataset& found);

/// The type in memory under which the dataset's numbers are read: as stored, but little-endian.
[[nodiscard]] hid_t memory_type_of(hid_t dataset);

}  // namespace halcyon
