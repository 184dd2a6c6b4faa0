#include "formats/keras_file.h"

#include "formats/common/hdf5_file.h"
#include "formats/common/keras_contents.h"
#include "formats/common/zip_archive.h"
#include "support/file_system.h"

namespace halcyon {
namespace {

/// What the views of a KerasFile and of the TensorFiles made from it point into.
struct Storage {
    MappedFile file;
    ProcessAnswer answer;
};

ProcessLimits limits_for(std::size_t file_bytes) {
    constexpr std::int64_t always = std::int64_t{1} << 27;
    constexpr std::int64_t bytes_a_second = 50'000'000;
    const std::int64_t unpacked = most_unpacked_bytes(file_bytes);
    return {.memory_bytes = unpacked + always,
            .answer_bytes = unpacked + always,
            .seconds = 10 + static_cast<int>(std::min<std::int64_t>(unpacked / bytes_a_second, 3600))};
}

}  // namespace

bool looks_like_keras(std::string_view bytes) {
    if (looks_like_hdf5(bytes)) return true;
    if (!looks_like_zip(bytes)) return false;
    // Keras writes config.json, metadata.json and model.weights.h5; an .npz archive holds .npy files alone. The names stand
    // uncompressed in the archive's directory at its end.
    constexpr std::size_t most_directory = 1 << 16;
    const std::string_view end = bytes.substr(bytes.size() - std::min(bytes.size(), most_directory));
    return end.find("config.json") != std::string_view::npos || end.find("model.weights.h5") != std::string_view::npos;
}

std::optional<KerasFile> KerasFile::open(const std::string& path, Diagnostics& diag) {
    FileResult<MappedFile> mapped = MappedFile::open(path);
    if (const auto* error = std::get_if<FileError>(&mapped)) {
        diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path, error->message);
        return std::nullopt;
    }
    const std::string_view bytes = std::get<MappedFile>(mapped).bytes();
    if (!looks_like_hdf5(bytes) && !looks_like_zip(bytes)) {
        diag.error(Code::bad_keras_file, {}, "'{}': the file is neither a .keras archive nor HDF5", path);
        return std::nullopt;
    }
    auto answer = run_guarded(limits_for(bytes.size()),
                              [&](const AnswerMemory& memory) { answer_with_keras_contents(bytes, memory); });
    if (const auto* failure = std::get_if<ProcessFailure>(&answer)) {
        diag.error(Code::bad_keras_file, {}, "'{}': reading it {}", path, failure->message);
        return std::nullopt;
    }
    auto contents = read_answer(std::get<ProcessAnswer>(answer).bytes());
    if (const auto* mistake = std::get_if<FormatError>(&contents)) {
        diag.error(mistake->code, {}, "'{}': {}", path, mistake->message);
        return std::nullopt;
    }
    auto& found = std::get<KerasContents>(contents);
    KerasFile file;
    file.path_ = path;
    file.architecture_ = std::move(found.architecture);
    file.keras_version_ = std::move(found.keras_version);
    file.layers_ = std::move(found.layers);
    file.file_bytes_ = bytes;
    file.storage_ = std::make_shared<const Storage>(std::get<MappedFile>(std::move(mapped)),
                                                    std::get<ProcessAnswer>(std::move(answer)));
    return file;
}

}  // namespace halcyon
