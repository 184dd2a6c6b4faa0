#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "graph/array.h"
#include "support/diagnostics.h"

namespace halcyon {

/// How numbers are stored in a file.
enum class StoredType { float64, float32, float16, bfloat16, uint8, int8, int16, int32, int64, boolean };
[[nodiscard]] std::string_view to_text(StoredType type);
[[nodiscard]] std::int64_t bytes_of(StoredType type);

/// A tensor as it lies in a file: row-major, little-endian.
struct StoredTensor {
    StoredType type = StoredType::float32;
    Shape shape;
    std::string_view bytes;  ///< into the file's memory
};
/// In double, whatever it was stored as.
[[nodiscard]] Array to_array(const StoredTensor& tensor);
/// Whether no number is infinite or NaN.
[[nodiscard]] bool all_finite(const StoredTensor& tensor);

/// Named tensors read from one file, which stays mapped. All sizes have been checked against the file.
class TensorFile {
public:
    /// safetensors or .npz or .npy (one tensor named ""), by content. A file that is not sound is one clear error.
    [[nodiscard]] static std::optional<TensorFile> open(const std::string& path, Diagnostics& diag);
    [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string_view bytes() const;  ///< the whole file, for hashing

private:
    friend class KerasFile;
    std::string path_;
    std::shared_ptr<const void> storage_;
    std::string_view file_bytes_;
    std::map<std::string, StoredTensor> tensors_;
};

/// The bytes of a .npy file, version 1.0, C order.
[[nodiscard]] std::string npy_bytes(StoredType type, const Shape& shape, std::string_view data);

}  // namespace halcyon
