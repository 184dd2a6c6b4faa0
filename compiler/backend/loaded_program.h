#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/kernel_compiler.h"
#include "plan/program.h"

namespace halcyon {

/// A program loaded into this process through LLVM's ORC: the very objects that a library would hold, so what is
/// measured and checked is what ships. Owns its workspace. Only for targets that run here.
class LoadedProgram {
public:
    LoadedProgram(const Program& program, const std::vector<CompiledKernel>& kernels, const std::string& weights_blob);
    ~LoadedProgram();
    LoadedProgram(LoadedProgram&&) noexcept;

    /// Bytes of one call's input or output door: batch items, dense, the door's element type.
    [[nodiscard]] std::size_t input_bytes(int door) const;
    [[nodiscard]] std::size_t output_bytes(int door) const;

    /// The whole model through the generated driver; what the user's program would call. Status as of the C interface.
    /// `threads` > 1 runs on a pool of that many workers that the object keeps.
    int run(std::span<const void* const> inputs, std::span<void* const> outputs, int threads = 1);

    /// One kernel call of the program alone, on the buffers as they are (for check, bench and tune); one for one item
    /// at a time computes `item`. Doors' memory is what `bind` was given.
    void bind(std::span<const void* const> inputs, std::span<void* const> outputs);
    int run_call(int call, std::int64_t item = 0);
    /// Where an argument of a call lies now.
    [[nodiscard]] void* address(const Place& place);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace halcyon
