#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "graph/operation.h"
#include "graph/scalar_expr.h"
#include "graph/tensor_type.h"

namespace halcyon {

/// *What* one kernel computes, independent of layout and schedule. Equal tasks share one candidate and one compiled function,
/// across layers and models. Shapes are channels last with the batch in front: [batch, spatial..., channels].
struct Task {
    Operation operation;
    /// The operation's operands first, then the epilogue's: those have the output's rank, each extent the output's or 1.
    std::vector<TensorType> inputs;
    int operand_count = 1;  ///< how many of `inputs` the operation itself reads
    TensorType output;
    std::vector<Shape> constants;                ///< shapes without batch; for convolution and dense [0] is the kernel
    ScalarExpr prologue = ScalarExpr::input(0);  ///< on each element of inputs[0] as it is read, before padding
    /// input(0): the result; input(i): inputs[operand_count + i - 1] (elementwise: inputs[i])
    ScalarExpr epilogue = ScalarExpr::input(0);
    int threads = 1;  ///< > 1: the kernel may offer that much parallelism to the executor

    friend bool operator==(const Task&, const Task&) = default;
};

/// One line that is the task's identity: the key of schedules, records and caches.
///
///     conv2d float32 1x56x56x64 -> 64 kernel 3x3 stride 1 pad 1,1,1,1 epilogue max(x + b, 0)
[[nodiscard]] std::string to_text(const Task& task);

[[nodiscard]] nlohmann::json to_json(const Task& task);
[[nodiscard]] Task task_from_json(const nlohmann::json& json);

/// Multiplications and additions of the operation itself (2 per multiply-add), without the epilogue.
[[nodiscard]] double flops(const Task& task);
/// Bytes that must move at least once: inputs, constants, output.
[[nodiscard]] double bytes_moved(const Task& task);

}  // namespace halcyon
