#include "formats/onnx_file.h"

#include "formats/common/external_files.h"
#include "formats/common/read_onnx.h"
#include "support/file_system.h"

namespace halcyon::onnx_file {
namespace {

/// What the views of a model point into.
struct Storage {
    MappedFile file;
    ExternalFiles external;
    std::deque<std::string> unpacked;
};

}  // namespace

std::optional<File> File::open(const std::string& path, Diagnostics& diag) {
    FileResult<MappedFile> mapped = MappedFile::open(path);
    if (const auto* error = std::get_if<FileError>(&mapped)) {
        diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path, error->message);
        return std::nullopt;
    }
    const auto storage = std::make_shared<Storage>(std::get<MappedFile>(std::move(mapped)),
                                                   ExternalFiles(folder_of(path)), std::deque<std::string>());
    auto read = read_model(
        storage->file.bytes(), [&](const ExternalData& data) { return storage->external.read(data); },
        storage->unpacked);
    if (const auto* mistake = std::get_if<FormatError>(&read)) {
        diag.error(mistake->code, {}, "'{}': {}", path, mistake->message);
        return std::nullopt;
    }
    File file;
    file.model_ = std::make_unique<Model>(std::get<Model>(std::move(read)));
    file.storage_ = storage;
    return file;
}

}  // namespace halcyon::onnx_file
