#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/array.h"
#include "kernels/candidate.h"
#include "kernels/kernel_family.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

namespace halcyon::testing {

/// The target of this machine.
[[nodiscard]] const TargetInfo& host();

/// Numbers for a task: inputs as their element types can hold them, constants as float32 can.
struct Operands {
    std::vector<Array> inputs, constants;
};
[[nodiscard]] Operands random_operands(const Task& task, unsigned seed);

/// A compiled kernel with everything that a library gives it: operands in memory that ends at an unreadable page, an arena
/// of exactly the size that the compiler computed.
class CompiledCase {
public:
    CompiledCase(const Task& task, const Candidate& candidate);
    ~CompiledCase();
    CompiledCase(const CompiledCase&) = delete;
    CompiledCase& operator=(const CompiledCase&) = delete;

    /// The output. CHECKs that nothing but the output's elements was written, gaps included, and that the kernel took
    /// exactly the scratch it announced.
    [[nodiscard]] Array run(const Operands& operands);
    /// Seconds of the fastest of many calls on the operands of the last run.
    [[nodiscard]] double fastest(double seconds);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// What the task should give, in double precision and plain loops: convolution and dense here, anything else by `operation`,
/// which gives the result before the epilogue, [batch, spatial..., channels].
using Reference = std::function<Array(const Task& task, const Operands& operands)>;
[[nodiscard]] Array reference_result(const Task& task, const Operands& operands, const Reference& operation = nullptr);

/// max |a - b| / max |b|.
[[nodiscard]] double relative_error(const Array& result, const Array& expected);

/// Dense layouts for all operands.
[[nodiscard]] Candidate dense_layouts(const Task& task);
/// The axes in another order of memory, outermost first: {0, 3, 1, 2} is channels first.
[[nodiscard]] Layout layout_in_order(const Shape& shape, const std::vector<int>& order);
/// Of the family's legal candidates the one of least cost.
[[nodiscard]] Candidate cheapest(const std::string& family, const Task& task, const Candidate& layouts);

/// CHECKs that the cheapest candidate computes what the reference does, to 1e-5 of the largest magnitude.
void check_kernel(const std::string& family, const Task& task, const Candidate& layouts,
                  const Reference& operation = nullptr);
void check_kernel(const std::string& family, const Task& task);
/// The same for every legal candidate, or every `step`th of them.
void check_all_candidates(const std::string& family, const Task& task, int step = 1,
                          const Reference& operation = nullptr);

/// A float32 convolution [batch, spatial..., channels] -> filters, kernel [window..., channels / groups, filters]; the output's
/// extents follow.
[[nodiscard]] Task convolution_task(const Shape& input, std::int64_t filters, const Window& window,
                                    std::int64_t groups = 1);
/// The convolution of which the largest result of each block goes on; the extents of its output follow.
[[nodiscard]] Task pooled_task(Task convolution, const std::vector<std::int64_t>& block);
/// A square window on images.
[[nodiscard]] Window square_window(std::int64_t size, std::int64_t stride, std::int64_t pad_before,
                                   std::int64_t pad_after);
[[nodiscard]] Task dense_task(const Shape& input, std::int64_t units);

}  // namespace halcyon::testing
