#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "formats/common/parsed_tensors.h"
#include "formats/onnx_file.h"
#include "support/file_system.h"

namespace halcyon::onnx_file {

/// The files beside a model that hold its weights, each mapped once.
class ExternalFiles {
public:
    explicit ExternalFiles(std::string folder) : folder_(std::move(folder)) {}

    /// Those bytes of that file, which must lie in the folder or below, be reached without links, and be a regular file of one
    /// name: else a model from a stranger would show what its reader alone may see.
    [[nodiscard]] std::variant<std::string_view, FormatError> read(const ExternalData& data);

private:
    std::string folder_;
    std::map<std::string, MappedFile> files_;
};

}  // namespace halcyon::onnx_file
