#include "backend/scratch_size.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "plan/program.h"
#include "support/check.h"

namespace halcyon {
namespace {

namespace ir = Halide::Internal;

/// The arena of runtime/arena.c: a stack of blocks, of which those freed out of order are taken off once they are on top.
class Arena {
public:
    void allocate(const std::string& name, std::int64_t bytes) {
        blocks_.push_back({name, aligned(bytes) + alignment, false});
        used_ += blocks_.back().bytes;
        peak_ = std::max(peak_, used_);
    }

    void free(const std::string& name) {
        const auto block =
            std::find_if(blocks_.rbegin(), blocks_.rend(), [&](const Block& b) { return b.name == name && !b.freed; });
        CHECK_INTERNAL(block != blocks_.rend());
        block->freed = true;
        while (!blocks_.empty() && blocks_.back().freed) {
            used_ -= blocks_.back().bytes;
            blocks_.pop_back();
        }
    }

    /// Something that takes `bytes` more for a while.
    void touch(std::int64_t bytes) { peak_ = std::max(peak_, used_ + bytes); }
    [[nodiscard]] std::int64_t peak() const { return peak_; }
    [[nodiscard]] std::int64_t used() const { return used_; }

private:
    struct Block {
        std::string name;
        std::int64_t bytes;
        bool freed;
    };
    std::vector<Block> blocks_;
    std::int64_t used_ = 0, peak_ = 0;
};

/// What Halide's code generator takes from the stack of the thread instead of the heap.
bool on_thread_stack(const ir::Allocate& allocate) {
    constexpr std::int64_t most_bytes = 16 << 10;
    switch (allocate.memory_type) {
    case Halide::MemoryType::Stack:
    case Halide::MemoryType::Register: return true;
    case Halide::MemoryType::Auto: {
        const std::int64_t elements = allocate.constant_allocation_size();
        return elements > 0 && elements * allocate.type.bytes() <= most_bytes;
    }
    default: return false;
    }
}

/// Walks one function in the order of execution. A loop's body leaves the arena as it found it, so one pass is enough.
class Walker : public ir::IRVisitor {
public:
    explicit Walker(const std::map<std::string, std::int64_t>& closures) : closures_(closures) {}

    [[nodiscard]] const Arena& arena() const { return arena_; }
    [[nodiscard]] std::int64_t inside_parallel() const { return inside_parallel_; }

private:
    using IRVisitor::visit;

    void visit(const ir::Allocate* op) override {
        if (on_thread_stack(*op)) {
            IRVisitor::visit(op);
            return;
        }
        const std::int64_t elements = op->constant_allocation_size();
        const bool constant = elements > 0 || op->extents.empty();
        if (!constant || !ir::is_const_one(op->condition)) {
            internal_error(__FILE__, __LINE__, fmt::format("the kernel's buffer '{}' has no constant size", op->name));
        }
        const std::int64_t bytes = (std::max<std::int64_t>(elements, 1) + op->padding) * op->type.bytes();
        arena_.allocate(op->name, bytes);
        live_.insert(op->name);
        op->body.accept(this);
        if (live_.erase(op->name) > 0) arena_.free(op->name);
    }

    void visit(const ir::Free* op) override {
        if (live_.erase(op->name) > 0) arena_.free(op->name);
    }

    void visit(const ir::Call* op) override {
        IRVisitor::visit(op);
        if (op->name.starts_with("_halide_buffer_") && op->name != "_halide_buffer_get_host") {
            internal_error(__FILE__, __LINE__,
                           fmt::format("the kernel reads more of a buffer than its memory: {}", op->name));
        }
        CHECK_INTERNAL(op->name != "halide_do_parallel_tasks");
        if (op->name != "halide_do_par_for") return;
        // The first argument is the function that runs in parallel, as a variable of its name behind "::".
        const auto* function = op->args.at(0).as<ir::Variable>();
        CHECK_INTERNAL(function != nullptr && function->name.starts_with("::"));
        const std::int64_t inside = closures_.at(function->name.substr(2));
        inside_parallel_ = std::max(inside_parallel_, inside);
        arena_.touch(inside);
    }

    const std::map<std::string, std::int64_t>& closures_;
    Arena arena_;
    std::set<std::string> live_;
    std::int64_t inside_parallel_ = 0;
};

}  // namespace

ScratchSize scratch_size(const Halide::Module& module, const std::string& name) {
    std::map<std::string, std::int64_t> closures;
    const ir::LoweredFunc* kernel = nullptr;
    for (const ir::LoweredFunc& function : module.functions()) {
        if (function.name == name) {
            kernel = &function;
            continue;
        }
        // A parallel loop inside a parallel loop would be another function that this one calls: no schedule makes them.
        Walker walker({});
        function.body.accept(&walker);
        closures[function.name] = walker.arena().peak();
    }
    CHECK_INTERNAL(kernel != nullptr);
    Walker walker(closures);
    kernel->body.accept(&walker);
    CHECK_INTERNAL(walker.arena().used() == 0);
    return {walker.arena().peak(), walker.inside_parallel()};
}

}  // namespace halcyon
