#pragma once

#include <string>
#include <vector>

#include <Halide.h>

namespace halcyon {

/// A kernel before compilation: the Halide pipeline's output and the arguments in the order of the C function's
/// (inputs, constants; the output comes last by itself).
struct BuiltKernel {
    Halide::Func output;
    std::vector<Halide::Argument> arguments;
    std::string streamed =
        {};  ///< the argument that is read chunk after chunk and should be fetched ahead; empty: none
};

}  // namespace halcyon
