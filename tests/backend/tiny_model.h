#pragma once

#include <string>
#include <vector>

#include "backend/library.h"
#include "plan/program.h"

namespace halcyon::tests {

/// A program of two kernels made by hand, so that the backend can be tested without planner and kernel families:
///
///     scaled = image * weight                      (`scale.elementwise`: allocates and frees out of order)
///     scores = scaled + image, row by row          (`sum.elementwise`: a parallel loop whose tasks allocate)
///
/// over 8 rows of 16 numbers; weight[i] = i.
struct TinyModel {
    Program program;
    std::vector<CompiledKernel> kernels;
    std::string blob;
};
[[nodiscard]] TinyModel tiny_model(const std::string& name = "tiny");
/// The same for another target: its kernels are compiled by `compiler`.
[[nodiscard]] TinyModel tiny_model(const std::string& name, const std::string& target, const std::string& compiler);

/// The library's files, none of which may bring a diagnostic.
[[nodiscard]] std::vector<LibraryFile> build(const TinyModel& model, const LibraryOptions& options = {});

/// Writes them into the folder.
void write_files(const std::string& folder, const std::vector<LibraryFile>& files);
[[nodiscard]] std::string bytes_of_file(const std::vector<LibraryFile>& files, const std::string& name);

/// Compiles a C program against the libraries in the folder, runs it, and gives its output; both must succeed.
std::string run_c_program(const std::string& folder, const std::string& source, const std::string& libraries);

}  // namespace halcyon::tests
