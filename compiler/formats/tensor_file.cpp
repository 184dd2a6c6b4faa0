#include "formats/tensor_file.h"

#include "formats/common/parsed_tensors.h"
#include "formats/common/read_npy.h"
#include "formats/common/read_npz.h"
#include "formats/common/read_safetensors.h"
#include "formats/common/zip_archive.h"
#include "support/file_system.h"

namespace halcyon {
namespace {

/// What the views of a TensorFile point into.
struct Storage {
    explicit Storage(MappedFile mapped) : file(std::move(mapped)) {}
    MappedFile file;
    ParsedTensors parsed;
};

std::optional<FormatError> read_any(std::string_view bytes, ParsedTensors& parsed) {
    if (bytes.empty()) return FormatError{.message = "the file is empty"};
    if (looks_like_npy(bytes)) return read_npy(bytes, "", parsed);
    if (looks_like_zip(bytes)) return read_npz(bytes, parsed);
    if (looks_like_safetensors(bytes)) return read_safetensors(bytes, parsed);
    if (bytes.starts_with("\x89HDF\r\n")) {
        return FormatError{.message = "HDF5 files are read for weights only; save arrays as .npy or .npz"};
    }
    return FormatError{.message = "the file is neither .safetensors nor .npy nor .npz"};
}

}  // namespace

std::optional<TensorFile> TensorFile::open(const std::string& path, Diagnostics& diag) {
    FileResult<MappedFile> mapped = MappedFile::open(path);
    if (const auto* error = std::get_if<FileError>(&mapped)) {
        diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path, error->message);
        return std::nullopt;
    }
    auto storage = std::make_shared<Storage>(std::get<MappedFile>(std::move(mapped)));
    if (const auto error = read_any(storage->file.bytes(), storage->parsed)) {
        diag.error(error->code, {}, "'{}': {}", path, error->message);
        return std::nullopt;
    }
    TensorFile file;
    file.path_ = path;
    file.file_bytes_ = storage->file.bytes();
    file.tensors_ = std::move(storage->parsed.tensors);
    file.storage_ = std::move(storage);
    return file;
}

std::string_view TensorFile::bytes() const {
    return file_bytes_;
}

}  // namespace halcyon
