#include "kernels/kernel_harness.h"

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <sys/mman.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <random>

#include <doctest/doctest.h>

#include "HalideRuntime.h"
#include "backend/kernel_worker.h"
#include "kernels/estimate.h"
#include "support/check.h"

namespace halcyon::testing {
namespace {

constexpr std::size_t page = 4096;

/// Memory between unreadable pages, ending right before the last: a read or write past the end is a crash.
class GuardedMemory {
public:
    explicit GuardedMemory(std::size_t bytes) : bytes_(bytes), mapped_((bytes + page - 1) / page * page + 2 * page) {
        base_ = static_cast<std::uint8_t*>(
            mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        REQUIRE(base_ != MAP_FAILED);
        std::memset(base_, 0xff, mapped_);  // float32 NaNs
        REQUIRE(mprotect(base_, page, PROT_NONE) == 0);
        REQUIRE(mprotect(base_ + mapped_ - page, page, PROT_NONE) == 0);
    }
    ~GuardedMemory() { munmap(base_, mapped_); }
    GuardedMemory(const GuardedMemory&) = delete;
    GuardedMemory& operator=(const GuardedMemory&) = delete;

    [[nodiscard]] std::uint8_t* data() const { return base_ + mapped_ - page - bytes_; }
    [[nodiscard]] std::size_t size() const { return bytes_; }
    [[nodiscard]] std::vector<std::uint8_t> contents() const { return {data(), data() + bytes_}; }

private:
    std::size_t bytes_, mapped_;
    std::uint8_t* base_;
};

float half_to_float(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31;
    const int mantissa = bits & 1023;
    const double magnitude = exponent == 0    ? std::ldexp(mantissa, -24)
                             : exponent == 31 ? (mantissa != 0 ? NAN : INFINITY)
                                              : std::ldexp(mantissa + 1024, exponent - 25);
    return static_cast<float>((bits & 0x8000) != 0 ? -magnitude : magnitude);
}

/// For numbers that the type holds exactly.
std::uint16_t float_to_half(double value) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        if (half_to_float(static_cast<std::uint16_t>(bits)) == static_cast<float>(value))
            return static_cast<std::uint16_t>(bits);
    }
    FAIL("no half precision number");
    return 0;
}

void put(std::uint8_t* at, ElementType element, double value) {
    const auto copy = [at](auto number) { std::memcpy(at, &number, sizeof number); };
    const float single = static_cast<float>(value);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, 4);
    switch (element) {
    case ElementType::float32: return copy(single);
    case ElementType::float16: return copy(float_to_half(value));
    case ElementType::bfloat16: return copy(static_cast<std::uint16_t>(bits >> 16));
    case ElementType::uint8: return copy(static_cast<std::uint8_t>(value));
    case ElementType::int8: return copy(static_cast<std::int8_t>(value));
    }
}

double get(const std::uint8_t* at, ElementType element) {
    const auto as = [at]<typename T>(T number) {
        std::memcpy(&number, at, sizeof number);
        return number;
    };
    switch (element) {
    case ElementType::float32: return as(float{});
    case ElementType::float16: return half_to_float(as(std::uint16_t{}));
    case ElementType::bfloat16: {
        const std::uint32_t bits = static_cast<std::uint32_t>(as(std::uint16_t{})) << 16;
        float value = 0;
        std::memcpy(&value, &bits, 4);
        return value;
    }
    case ElementType::uint8: return as(std::uint8_t{});
    case ElementType::int8: return as(std::int8_t{});
    }
    return 0;
}

/// A tensor in guarded memory.
struct Tensor {
    Tensor(TensorType tensor_type, Layout tensor_layout)
        : type(std::move(tensor_type)), layout(std::move(tensor_layout)) {
        std::int64_t lowest = 0;
        std::int64_t highest = 0;
        for (std::size_t axis = 0; axis < type.shape.size(); ++axis) {
            const std::int64_t reach = (type.shape[axis] - 1) * layout.strides[axis];
            (reach < 0 ? lowest : highest) += reach;
        }
        first = -lowest;
        memory =
            std::make_unique<GuardedMemory>(static_cast<std::size_t>((highest - lowest + 1) * bytes_of(type.element)));
    }

    [[nodiscard]] std::uint8_t* element(const std::vector<std::int64_t>& index) const {
        std::int64_t place = first;
        for (std::size_t axis = 0; axis < index.size(); ++axis) place += index[axis] * layout.strides[axis];
        return memory->data() + place * bytes_of(type.element);
    }
    void fill(const Array& values) const {
        std::int64_t flat = 0;
        for_each_index(type.shape, [&](const std::vector<std::int64_t>& index) {
            put(element(index), type.element, values[flat++]);
        });
    }
    [[nodiscard]] Array values() const {
        Array result(type.shape);
        std::int64_t flat = 0;
        for_each_index(type.shape, [&](const std::vector<std::int64_t>& index) {
            result[flat++] = get(element(index), type.element);
        });
        return result;
    }

    TensorType type;
    Layout layout;
    std::int64_t first = 0;
    std::unique_ptr<GuardedMemory> memory;
};

/// The arena of runtime/arena.c, which also keeps the most that was ever taken from it.
struct TestArena {
    struct Block {
        std::size_t bytes;
        bool freed;
    };
    std::vector<std::uint8_t> memory;
    std::vector<Block> blocks;
    std::size_t used = 0, peak = 0;

    explicit TestArena(std::size_t bytes) : memory(bytes + 64) {}
    [[nodiscard]] std::uint8_t* base() {
        return memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64;
    }
};

void* arena_malloc(void* user_context, std::size_t bytes) {
    TestArena& arena = *static_cast<TestArena*>(user_context);
    const std::size_t rounded = (bytes + 63) / 64 * 64 + 64;
    if (arena.used + rounded > arena.memory.size() - 64) return nullptr;
    std::uint8_t* block = arena.base() + arena.used;
    arena.blocks.push_back({rounded, false});
    arena.used += rounded;
    arena.peak = std::max(arena.peak, arena.used);
    std::memset(block + 64, 0xff, rounded - 64);
    return block + 64;
}

void arena_free(void* user_context, void* pointer) {
    TestArena& arena = *static_cast<TestArena*>(user_context);
    std::uint8_t* place = arena.base();
    for (TestArena::Block& block : arena.blocks) {
        if (place + 64 == pointer) block.freed = true;
        place += block.bytes;
    }
    while (!arena.blocks.empty() && arena.blocks.back().freed) {
        arena.used -= arena.blocks.back().bytes;
        arena.blocks.pop_back();
    }
}

int serial_do_par_for(void* user_context, int (*task)(void*, int, std::uint8_t*), int min, int size,
                      std::uint8_t* closure) {
    for (int i = 0; i < size; ++i) {
        if (const int error = task(user_context, min + i, closure)) return error;
    }
    return 0;
}

template <std::size_t... I>
int call_with(void* function, void* context, halide_buffer_t** b, std::index_sequence<I...>) {
    const auto typed = reinterpret_cast<int (*)(void*, std::remove_reference_t<decltype(b[I])>...)>(function);
    return typed(context, b[I]...);
}

int call(void* function, void* context, std::vector<halide_buffer_t*>& buffers) {
    switch (buffers.size()) {
    case 1: return call_with(function, context, buffers.data(), std::make_index_sequence<1>());
    case 2: return call_with(function, context, buffers.data(), std::make_index_sequence<2>());
    case 3: return call_with(function, context, buffers.data(), std::make_index_sequence<3>());
    case 4: return call_with(function, context, buffers.data(), std::make_index_sequence<4>());
    case 5: return call_with(function, context, buffers.data(), std::make_index_sequence<5>());
    case 6: return call_with(function, context, buffers.data(), std::make_index_sequence<6>());
    case 7: return call_with(function, context, buffers.data(), std::make_index_sequence<7>());
    case 8: return call_with(function, context, buffers.data(), std::make_index_sequence<8>());
    default: FAIL("more operands than the harness passes"); return -1;
    }
}

}  // namespace

const TargetInfo& host() {
    static const TargetInfo target = [] {
        std::string why;
        const std::optional<TargetInfo> found = find_target("host", why);
        REQUIRE_MESSAGE(found.has_value(), why);
        return *found;
    }();
    return target;
}

Operands random_operands(const Task& task, unsigned seed) {
    std::mt19937 generator(seed);
    Operands operands;
    for (const TensorType& type : task.inputs) {
        Array values(type.shape);
        for (double& value : values.values()) {
            switch (type.element) {
            case ElementType::uint8: value = static_cast<double>(generator() % 256); break;
            case ElementType::int8: value = static_cast<double>(generator() % 256) - 128; break;
            default: value = (static_cast<double>(generator() % 256) - 128) / 64;
            }
        }
        operands.inputs.push_back(std::move(values));
    }
    for (const Shape& shape : task.constants) {
        Array values(shape);
        for (double& value : values.values()) value = (static_cast<double>(generator() % 2001) - 1000) / 1024;
        operands.constants.push_back(std::move(values));
    }
    return operands;
}

struct CompiledCase::State {
    Task task;
    Candidate candidate;
    CompiledKernel kernel;
    std::unique_ptr<llvm::orc::LLJIT> jit;
    void* function = nullptr;
    std::vector<Tensor> inputs, constants;
    std::vector<halide_buffer_t> buffers;
    std::unique_ptr<Tensor> own_output;

    Tensor& output() {
        return candidate.in_place >= 0 ? inputs[static_cast<std::size_t>(candidate.in_place)] : *own_output;
    }

    void link() {
        llvm::InitializeNativeTarget();
        llvm::InitializeNativeTargetAsmPrinter();
        jit = llvm::cantFail(llvm::orc::LLJITBuilder().create());
        llvm::orc::SymbolMap runtime;
        const auto define = [&](const char* name, auto* address) {
            runtime[jit->mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                                   llvm::JITSymbolFlags::Exported};
        };
        define("halide_malloc", &arena_malloc);
        define("halide_free", &arena_free);
        define("halide_do_par_for", &serial_do_par_for);
        define("memset", &memset);
        define("memcpy", &memcpy);
        define("powf", static_cast<float (*)(float, float)>(&powf));
        llvm::cantFail(jit->getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(runtime))));
        llvm::cantFail(jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(kernel.object)));
        function = llvm::cantFail(jit->lookup(kernel_symbol)).toPtr<void*>();
    }

    /// Host pointers only: everything else of a buffer is poison that the code must not read.
    void bind() {
        buffers.clear();
        const auto add = [&](const Tensor& tensor) {
            halide_buffer_t buffer;
            std::memset(static_cast<void*>(&buffer), 0x5a, sizeof buffer);
            buffer.host = tensor.memory->data() + tensor.first * bytes_of(tensor.type.element);
            buffers.push_back(buffer);
        };
        for (const Tensor& input : inputs) add(input);
        for (const Tensor& constant : constants) add(constant);
        add(output());
    }

    int invoke(TestArena& arena) {
        std::vector<halide_buffer_t*> pointers;
        for (halide_buffer_t& buffer : buffers) pointers.push_back(&buffer);
        return call(function, &arena, pointers);
    }
};

CompiledCase::CompiledCase(const Task& task, const Candidate& candidate) : state_(std::make_unique<State>()) {
    state_->task = task;
    state_->candidate = candidate;
    state_->kernel = compile_here(task, candidate, host());
    state_->link();
}

CompiledCase::~CompiledCase() = default;

Array CompiledCase::run(const Operands& operands) {
    State& s = *state_;
    s.inputs.clear();
    s.constants.clear();
    for (std::size_t i = 0; i < s.task.inputs.size(); ++i) {
        s.inputs.emplace_back(s.task.inputs[i], s.candidate.inputs[i]);
        s.inputs.back().fill(operands.inputs[i]);
    }
    const KernelFamily& family = *find_kernel_family(s.candidate.family);
    for (std::size_t k = 0; k < s.task.constants.size(); ++k) {
        const int index = static_cast<int>(k);
        const Shape shape =
            family.packed_shape == nullptr ? s.task.constants[k] : family.packed_shape(s.task, s.candidate, index);
        const Array packed = family.pack == nullptr ? operands.constants[k]
                                                    : family.pack(s.task, s.candidate, index, operands.constants[k]);
        REQUIRE(packed.shape() == shape);
        s.constants.emplace_back(TensorType{ElementType::float32, shape}, dense_layout(shape));
        s.constants.back().fill(packed);
    }
    s.own_output = std::make_unique<Tensor>(s.task.output, s.candidate.output);
    s.bind();

    std::vector<std::vector<std::uint8_t>> before;
    for (const Tensor& tensor : s.inputs) before.push_back(tensor.memory->contents());
    for (const Tensor& tensor : s.constants) before.push_back(tensor.memory->contents());
    const Tensor& output = s.output();
    std::vector<std::uint8_t> output_before = output.memory->contents();

    TestArena arena(static_cast<std::size_t>(s.kernel.scratch_bytes));
    REQUIRE(s.invoke(arena) == 0);
    CHECK(arena.peak == static_cast<std::size_t>(s.kernel.scratch_bytes));
    CHECK(arena.used == 0);

    std::size_t operand = 0;
    for (const Tensor& tensor : s.inputs) {
        const bool overwritten = static_cast<int>(operand) == s.candidate.in_place;
        CHECK((overwritten || tensor.memory->contents() == before[operand]));
        ++operand;
    }
    for (const Tensor& tensor : s.constants) CHECK(tensor.memory->contents() == before[operand++]);
    // Put back what may be written; the rest must be as before.
    Array result = output.values();
    const std::vector<std::uint8_t> after = output.memory->contents();
    std::vector<bool> is_element(after.size());
    for_each_index(output.type.shape, [&](const std::vector<std::int64_t>& index) {
        const std::size_t place = static_cast<std::size_t>(output.element(index) - output.memory->data());
        for (std::size_t byte = 0; byte < static_cast<std::size_t>(bytes_of(output.type.element)); ++byte)
            is_element[place + byte] = true;
    });
    bool gaps_untouched = true;
    for (std::size_t byte = 0; byte < after.size(); ++byte) {
        gaps_untouched = gaps_untouched && (is_element[byte] || after[byte] == output_before[byte]);
    }
    CHECK(gaps_untouched);
    return result;
}

double CompiledCase::fastest(double seconds) {
    State& s = *state_;
    TestArena arena(static_cast<std::size_t>(s.kernel.scratch_bytes));
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto since = [&](auto start) { return std::chrono::duration<double>(now() - start).count(); };
    double best = 1e9;
    const auto begin = now();
    while (since(begin) < seconds) {
        const auto start = now();
        s.invoke(arena);
        best = std::min(best, since(start));
    }
    return best;
}

namespace {

/// The prologue applied to the first input.
Array read_source(const Task& task, const Operands& operands) {
    Array source = operands.inputs.at(0);
    for (double& value : source.values()) {
        const double element = value;
        value = evaluate(task.prologue, std::span(&element, 1), {});
    }
    return source;
}

Array convolution_result(const Task& task, const Operands& operands) {
    const Array source = read_source(task, operands);
    const Array& kernel = operands.constants.at(0);
    const Window& w = task.operation.window;
    const std::size_t axes = w.size.size();
    const std::int64_t group_channels = kernel.shape()[axes];
    const std::int64_t group_filters = task.output.shape.back() / task.operation.groups;
    Array result(task.output.shape);
    const std::vector<std::int64_t> source_strides = source.strides();
    const std::vector<std::int64_t> kernel_strides = kernel.strides();
    std::int64_t flat = 0;
    for_each_index(task.output.shape, [&](const std::vector<std::int64_t>& at) {
        const std::int64_t filter = at.back();
        const std::int64_t first_channel = filter / group_filters * group_channels;
        double sum = 0.0;
        for_each_index(w.size, [&](const std::vector<std::int64_t>& tap) {
            std::int64_t from = at[0] * source_strides[0];
            std::int64_t weight = filter;
            for (std::size_t axis = 0; axis < axes; ++axis) {
                const std::int64_t place =
                    at[axis + 1] * w.stride[axis] + tap[axis] * w.dilation[axis] - w.pad_before[axis];
                if (place < 0 || place >= source.shape()[axis + 1]) return;
                from += place * source_strides[axis + 1];
                weight += tap[axis] * kernel_strides[axis];
            }
            for (std::int64_t c = 0; c < group_channels; ++c) {
                sum += source[from + first_channel + c] * kernel[weight + c * kernel_strides[axes]];
            }
        });
        result[flat++] = sum;
    });
    return result;
}

/// A convolution whose results are pooled, by both definitions one after the other.
Array pooled_convolution_result(const Task& task, const Operands& operands) {
    const std::vector<std::int64_t>& block = task.operation.pooled;
    Task whole = task;
    whole.operation.pooled.clear();
    for (std::size_t axis = 0; axis < block.size(); ++axis) whole.output.shape[axis + 1] *= block[axis];
    const Array results = convolution_result(whole, operands);
    const std::vector<std::int64_t> strides = results.strides();
    Array largest(task.output.shape, -INFINITY);
    std::int64_t flat = 0;
    for_each_index(task.output.shape, [&](const std::vector<std::int64_t>& at) {
        for_each_index(block, [&](const std::vector<std::int64_t>& offset) {
            std::int64_t from = at.front() * strides.front() + at.back();
            for (std::size_t axis = 0; axis < block.size(); ++axis)
                from += (at[axis + 1] * block[axis] + offset[axis]) * strides[axis + 1];
            largest[flat] = std::max(largest[flat], results[from]);
        });
        ++flat;
    });
    return largest;
}

Array dense_result(const Task& task, const Operands& operands) {
    const Array source = read_source(task, operands);
    const Array& kernel = operands.constants.at(0);
    const std::int64_t depth = kernel.shape()[0];
    const std::int64_t units = kernel.shape()[1];
    Array result(task.output.shape);
    for (std::int64_t row = 0; row < result.size() / units; ++row) {
        for (std::int64_t unit = 0; unit < units; ++unit) {
            double sum = 0.0;
            for (std::int64_t i = 0; i < depth; ++i) sum += source[row * depth + i] * kernel[i * units + unit];
            result[row * units + unit] = sum;
        }
    }
    return result;
}

double broadcast_element(const Array& values, const std::vector<std::int64_t>& at) {
    const std::vector<std::int64_t> strides = values.strides();
    const std::size_t skipped = at.size() - values.shape().size();
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < values.shape().size(); ++axis) {
        if (values.shape()[axis] != 1) place += at[axis + skipped] * strides[axis];
    }
    return values[place];
}

}  // namespace

Array reference_result(const Task& task, const Operands& operands, const Reference& operation) {
    const bool elementwise = task.operation.op == Op::elementwise;
    Array result(task.output.shape);
    if (operation)
        result = operation(task, operands);
    else if (task.operation.op == Op::convolution)
        result = task.operation.pooled.empty() ? convolution_result(task, operands)
                                               : pooled_convolution_result(task, operands);
    else if (task.operation.op == Op::dense)
        result = dense_result(task, operands);
    std::int64_t flat = 0;
    for_each_index(task.output.shape, [&](const std::vector<std::int64_t>& at) {
        std::vector<double> inputs;
        std::vector<double> constants;
        if (!elementwise) inputs.push_back(result[flat]);
        for (std::size_t i = elementwise ? 0 : static_cast<std::size_t>(task.operand_count); i < operands.inputs.size();
             ++i) {
            inputs.push_back(broadcast_element(operands.inputs[i], at));
        }
        const Op op = task.operation.op;
        const bool own_kernel = op == Op::convolution || op == Op::transposed_convolution || op == Op::dense;
        for (std::size_t k = 0; k < operands.constants.size(); ++k) {
            constants.push_back(own_kernel && k == 0 ? 0.0 : broadcast_element(operands.constants[k], at));
        }
        result[flat] = evaluate(task.epilogue, inputs, constants);
        ++flat;
    });
    return result;
}

double relative_error(const Array& result, const Array& expected) {
    double worst = 0.0;
    double largest = 1e-30;
    for (std::int64_t i = 0; i < expected.size(); ++i) {
        const double error = std::abs(result[i] - expected[i]);
        if (!(error <= worst)) worst = error;  // a NaN stays
        if (std::isnan(worst)) return worst;
        largest = std::max(largest, std::abs(expected[i]));
    }
    return worst / largest;
}

Candidate dense_layouts(const Task& task) {
    Candidate layouts;
    for (const TensorType& input : task.inputs) layouts.inputs.push_back(dense_layout(input.shape));
    layouts.output = dense_layout(task.output.shape);
    return layouts;
}

Layout layout_in_order(const Shape& shape, const std::vector<int>& order) {
    Layout layout{std::vector<std::int64_t>(shape.size())};
    std::int64_t stride = 1;
    for (std::size_t i = order.size(); i-- > 0;) {
        const std::size_t axis = static_cast<std::size_t>(order[i]);
        layout.strides[axis] = stride;
        stride *= shape[axis];
    }
    return layout;
}

Candidate cheapest(const std::string& family, const Task& task, const Candidate& layouts) {
    const KernelFamily* found = find_kernel_family(family);
    REQUIRE(found != nullptr);
    REQUIRE(found->matches(task, host()));
    REQUIRE(found->accepts(task, layouts));
    std::optional<Candidate> best;
    double least = INFINITY;
    const Estimate estimate(host());
    for (const Candidate& candidate : candidates(*found, task, layouts, host())) {
        const double cost = estimate(*found, task, candidate);
        if (cost >= least) continue;
        least = cost;
        best = candidate;
    }
    REQUIRE_MESSAGE(best.has_value(), "no legal candidate for " << to_text(task));
    return *best;
}

namespace {

void check_candidate(const Task& task, const Candidate& candidate, const Operands& operands, const Array& expected) {
    CAPTURE(to_text(task));
    CAPTURE(to_text(candidate, task));
    CompiledCase compiled(task, candidate);
    CHECK(relative_error(compiled.run(operands), expected) < 1e-5);
}

}  // namespace

void check_kernel(const std::string& family, const Task& task, const Candidate& layouts, const Reference& operation) {
    const Operands operands = random_operands(task, 1);
    check_candidate(task, cheapest(family, task, layouts), operands, reference_result(task, operands, operation));
}

void check_kernel(const std::string& family, const Task& task) {
    check_kernel(family, task, dense_layouts(task));
}

void check_all_candidates(const std::string& family, const Task& task, int step, const Reference& operation) {
    const Operands operands = random_operands(task, 1);
    const Array expected = reference_result(task, operands, operation);
    const KernelFamily* found = find_kernel_family(family);
    REQUIRE(found != nullptr);
    const std::vector<Candidate> all = candidates(*found, task, dense_layouts(task), host());
    REQUIRE(!all.empty());
    for (std::size_t i = 0; i < all.size(); i += static_cast<std::size_t>(step))
        check_candidate(task, all[i], operands, expected);
}

Task convolution_task(const Shape& input, std::int64_t filters, const Window& window, std::int64_t groups) {
    Task task;
    task.operation.op = Op::convolution;
    task.operation.window = window;
    task.operation.groups = groups;
    task.inputs = {{ElementType::float32, input}};
    Shape output{input.front()};
    Shape kernel;
    for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
        const std::int64_t reach = (window.size[axis] - 1) * window.dilation[axis] + 1;
        const std::int64_t room = input[axis + 1] + window.pad_before[axis] + window.pad_after[axis] - reach;
        output.push_back(room / window.stride[axis] + 1);
        kernel.push_back(window.size[axis]);
    }
    output.push_back(filters);
    kernel.push_back(input.back() / groups);
    kernel.push_back(filters);
    task.output = {ElementType::float32, output};
    task.constants = {kernel};
    return task;
}

Task pooled_task(Task convolution, const std::vector<std::int64_t>& block) {
    convolution.operation.pooled = block;
    for (std::size_t axis = 0; axis < block.size(); ++axis) convolution.output.shape[axis + 1] /= block[axis];
    return convolution;
}

Window square_window(std::int64_t size, std::int64_t stride, std::int64_t pad_before, std::int64_t pad_after) {
    return {{size, size}, {stride, stride}, {1, 1}, {pad_before, pad_before}, {pad_after, pad_after}};
}

Task dense_task(const Shape& input, std::int64_t units) {
    Task task;
    task.operation.op = Op::dense;
    task.inputs = {{ElementType::float32, input}};
    task.output = {ElementType::float32, input};
    task.output.shape.back() = units;
    task.constants = {{input.back(), units}};
    return task;
}

}  // namespace halcyon::testing
