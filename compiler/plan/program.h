#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "kernels/candidate.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

namespace halcyon {

/// Where an argument of a kernel lies.
struct Place {
    enum class Kind { input, output, workspace, constant, item };
    Kind kind = Kind::workspace;
    int door = 0;  ///< index into Program::inputs or outputs
    std::int64_t offset =
        0;  ///< bytes from the beginning of the door, the workspace, the constants or the memory of one item
    std::int64_t item_bytes = 0;  ///< of a call for one item: so much further for each item before it
    friend bool operator==(const Place&, const Place&) = default;
};

/// A compiled function: one task, one candidate. Several calls may share it.
struct Kernel {
    Task task;
    Candidate candidate;
    std::string name;  ///< unique, after the first layer that uses it: "conv2d_1.direct_conv"; the symbol is MODEL.NAME
};

struct KernelCall {
    int kernel = 0;
    std::vector<Place> arguments;      ///< inputs, constants, output
    std::string layer;                 ///< the name of the layer whose value comes out
    std::vector<std::string> members;  ///< all layers that it computes, in order
    Span span;
    Origin origin;            ///< which value of the elaborated graph comes out
    std::string output_text;  ///< its type, for listings
};

/// A packed tensor in the constants' blob. Equal ones are stored once.
struct Constant {
    ConstantExpr value;
    int kernel = 0;  ///< packed for this kernel ...
    int index = 0;   ///< ... as its constant number `index`
    Shape packed;
    std::int64_t offset = 0;  ///< bytes; a multiple of 64
    [[nodiscard]] std::int64_t bytes() const { return element_count(packed) * 4; }
};

/// An input or output of the model, for one item of the batch.
struct Door {
    std::string name;  ///< as in the spec; a C identifier
    TensorType type;
};

/// The whole answer: what the library does, call by call, and where everything lies. The driver is generated from it;
/// run, check, bench and tune walk the same Program.
struct Program {
    std::string model;
    std::string doc;
    TargetInfo target;
    std::int64_t batch = 1;
    bool further_batch = false;   ///< not the first batch size of its library: its names carry the size
    bool one_of_targets = false;  ///< its library is for several targets: its symbols carry the target
    int threads = 1;
    std::vector<Door> inputs, outputs;
    std::vector<Kernel> kernels;
    std::vector<KernelCall> calls;  ///< in order of execution
    std::size_t item_calls =
        0;  ///< so many of them, at the beginning, compute one item and are repeated for each in turn
    std::vector<Constant> constants;
    std::int64_t constant_bytes = 0;      ///< size of the blob
    std::int64_t buffer_bytes = 0;        ///< workspace for tensors; kernels' scratch comes behind it
    bool items_in_parallel = false;       ///< item_calls are shared out by items, and each kernel runs on one thread
    std::int64_t item_buffer_bytes = 0;   ///< for tensors that only item_calls use, for each thread that computes items
    std::int64_t buffer_bytes_bound = 0;  ///< the liveness lower bound: the most bytes alive at once

    /// How often the call is made when the program runs once.
    [[nodiscard]] std::int64_t repetitions(std::size_t call) const { return call < item_calls ? batch : 1; }
};

/// For --emit program: doors, calls with their places, constants, sizes.
[[nodiscard]] std::string to_text(const Program& program);

inline constexpr std::int64_t alignment = 64;
[[nodiscard]] constexpr std::int64_t aligned(std::int64_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace halcyon
