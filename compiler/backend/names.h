#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/program.h"

namespace halcyon {

/// The names that a model's library speaks of in C.
struct InterfaceNames {
    std::string model;               ///< also the C++ namespace
    std::string upper;               ///< "DIGITS"
    std::string upper_batch;         ///< the same, or "DIGITS_BATCH8" for a further batch size
    std::string run, check_weights;  ///< "digits_run", "digits_run_batch8"
    std::string run_items;           ///< "digits_run_items": where the library has it, for any number of items
    std::string target, use_target;  ///< of libraries for several targets
    std::string face;                ///< the C++ class: "Model", "ModelBatch8"
    /// Fields of the struct, by door; a door called like a word of C or C++ gets an underscore behind it.
    std::vector<std::string> inputs, outputs;
    /// "DIGITS_IMAGE_SIZE"; unique, even where doors' names differ in case only.
    std::vector<std::string> input_sizes, output_sizes;
};
[[nodiscard]] InterfaceNames interface_names(const Program& program);

/// What the program's own symbols begin with: "digits", "digits_batch8" for a further batch size, "digits_x86-64-v3" if it is
/// one of several targets.
[[nodiscard]] std::string symbol_prefix(const Program& program);
/// The function that runs it: "digits_run", or what that chooses among, "digits_x86-64-v3.run".
[[nodiscard]] std::string run_symbol(const Program& program);
/// "digits.conv2d_1.direct_conv".
[[nodiscard]] std::string kernel_symbol_of(const Program& program, int kernel);
/// The object that holds the packed weights of all batch sizes: "digits.weights".
[[nodiscard]] std::string weights_symbol(const Program& program);
/// One call of a kernel, for LoadedProgram: "digits.call.3".
[[nodiscard]] std::string call_symbol(const Program& program, std::size_t call);
/// All calls for one item of the batch: "digits.item".
[[nodiscard]] std::string item_symbol(const Program& program);
/// What checks and sets up the workspace, for LoadedProgram: "digits.begin".
[[nodiscard]] std::string begin_symbol(const Program& program);

}  // namespace halcyon
