#pragma once

#include <vector>

#include <Halide.h>

namespace halcyon {

/// A kernel before compilation: the Halide pipeline's output and the arguments in the order of the C function's
/// (inputs, constants; the output comes last by itself).
struct BuiltKernel {
    Halide::Func output;
    std::vector<Halide::Argument> arguments;
};

}  // namespace halcyon
