#include "kernels/common/fetch_ahead.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace halcyon {
namespace {

namespace ir = Halide::Internal;
using Halide::Expr;
using ir::Stmt;

constexpr std::int64_t line_floats = 16;
/// How far ahead, in elements, of what is read once: 8 KiB, as much as comes in while memory answers.
constexpr int stream_distance = 2048;
/// What stays in the first cache from one time to the next, in elements.
constexpr std::int64_t stays = 6144;

struct Loop {
    std::string name;
    Expr min, extent;
    bool serial;
};

/// Where the statement reads `parameter`, in elements, with all that is let filled in.
class Reads : public ir::IRVisitor {
public:
    Reads(const std::string& parameter, std::map<std::string, Expr> lets)
        : parameter_(parameter), lets_(std::move(lets)) {}
    std::vector<Expr> places;
    bool has_loops = false;

protected:
    using IRVisitor::visit;
    void visit(const ir::Load* load) override {
        if (load->name == parameter_) {
            const ir::Ramp* ramp = load->index.as<ir::Ramp>();
            places.push_back(ir::simplify(ir::substitute(lets_, ramp != nullptr ? ramp->base : load->index)));
        }
        IRVisitor::visit(load);
    }
    void visit(const ir::Let* let) override {
        let->value.accept(this);
        lets_[let->name] = ir::substitute(lets_, let->value);
        let->body.accept(this);
    }
    void visit(const ir::LetStmt* let) override {
        let->value.accept(this);
        lets_[let->name] = ir::substitute(lets_, let->value);
        let->body.accept(this);
    }
    void visit(const ir::For* loop) override {
        has_loops = true;
        IRVisitor::visit(loop);
    }

private:
    const std::string& parameter_;
    std::map<std::string, Expr> lets_;
};

class FetchAhead : public ir::IRMutator {
public:
    explicit FetchAhead(std::string parameter) : parameter_(std::move(parameter)) {}

protected:
    using IRMutator::visit;

    Stmt visit(const ir::LetStmt* let) override {
        lets_[let->name] = ir::substitute(lets_, let->value);
        return IRMutator::visit(let);
    }

    Stmt visit(const ir::For* loop) override {
        around_.push_back({loop->name, loop->min, loop->extent, loop->for_type == ir::ForType::Serial});
        Stmt result = IRMutator::visit(loop);
        Reads reads(parameter_, lets_);
        loop->body.accept(&reads);
        if (!reads.has_loops && !reads.places.empty()) {
            if (const Stmt fetch = fetch_of(reads.places.front()); fetch.defined()) {
                result = ir::For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                                       loop->device_api, ir::Block::make(fetch, loop->body));
            }
        }
        around_.pop_back();
        return result;
    }

private:
    /// How the loops round a place that is read pass over the parameter.
    struct Passes {
        Expr chunk_start;  ///< where the chunk begins that is read now
        Expr step = 0;     ///< the number of the innermost step in its chunk
        Expr tile = 0;     ///< and of the tile that passes over the chunk
        std::int64_t steps = 1, tiles = 1;
        const Loop* chunks = nullptr;  ///< goes on to the next chunk; null: there is none
        std::int64_t chunk_count = 1;  ///< with those of all loops outside
    };

    [[nodiscard]] static Expr variable(const Loop& loop) { return ir::Variable::make(Halide::Int(32), loop.name); }

    /// How often the loop runs; nothing where that is not known, or threads share it out.
    [[nodiscard]] static std::optional<std::int64_t> trips(const Loop& loop) {
        const auto extent = ir::as_const_int(ir::simplify(loop.extent));
        if (!loop.serial || !extent) return std::nullopt;
        return *extent;
    }

    [[nodiscard]] Passes passes_over(const Expr& place) const {
        Passes passes{.chunk_start = place};
        const auto uses = [&](const Loop& loop) { return ir::expr_uses_var(place, loop.name); };
        auto loop = around_.rbegin();
        const auto count_loops = [&](bool that_move, Expr& number, std::int64_t& total) {
            for (; loop != around_.rend() && uses(*loop) == that_move; ++loop) {
                const auto count = trips(*loop);
                if (!count) break;
                number = number + (variable(*loop) - loop->min) * static_cast<int>(total);
                total *= *count;
                passes.chunk_start = ir::substitute(loop->name, loop->min, passes.chunk_start);
            }
        };
        count_loops(true, passes.step, passes.steps);
        count_loops(false, passes.tile, passes.tiles);
        if (loop != around_.rend() && uses(*loop) && trips(*loop)) passes.chunks = &*loop;
        for (; loop != around_.rend(); ++loop)
            if (uses(*loop)) passes.chunk_count *= ir::as_const_int(ir::simplify(loop->extent)).value_or(1);
        return passes;
    }

    /// What each step of the innermost loop fetches, given where it reads first; undefined where there is nothing to fetch.
    [[nodiscard]] Stmt fetch_of(const Expr& place) const {
        const Loop& innermost = around_.back();
        const Expr next_place = ir::substitute(innermost.name, variable(innermost) + 1, place);
        const auto step = ir::as_const_int(ir::simplify(next_place - place));
        if (!step || *step <= 0) return {};
        const Passes passes = passes_over(place);
        if (passes.chunk_count * passes.steps * *step <= stays) return {};
        if (passes.chunks == nullptr || passes.tiles == 1) return fetch(place + stream_distance, *step);
        const std::int64_t share = (*step + passes.tiles - 1) / passes.tiles;
        const Expr next_chunk = ir::substitute(passes.chunks->name, variable(*passes.chunks) + 1, passes.chunk_start);
        const Expr shares_before = passes.tile * static_cast<int>(passes.steps) + passes.step;
        return fetch(next_chunk + shares_before * static_cast<int>(share), share);
    }

    [[nodiscard]] Stmt fetch(const Expr& begin, std::int64_t size) const {
        std::vector<Stmt> lines;
        for (std::int64_t at = 0; at < size; at += line_floats) {
            const Expr line = ir::simplify(begin + static_cast<int>(at));
            lines.push_back(ir::Evaluate::make(
                ir::Call::make(Halide::Float(32), ir::Call::prefetch,
                               {ir::Variable::make(Halide::Handle(), parameter_), line, 1, 1}, ir::Call::Intrinsic)));
        }
        return ir::Block::make(lines);
    }

    std::string parameter_;
    std::vector<Loop> around_;  ///< outermost first
    std::map<std::string, Expr> lets_;
};

}  // namespace

void fetch_ahead(Halide::Pipeline& pipeline, const std::string& parameter) {
    pipeline.add_custom_lowering_pass(new FetchAhead(parameter));
}

}  // namespace halcyon
