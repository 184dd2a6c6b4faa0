#include "plan/plan.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "plan/item_split.h"
#include "plan/materialize.h"
#include "plan/memory.h"
#include "plan/storage.h"
#include "plan/tasks.h"
#include "plan/weight_budget.h"
#include "support/check.h"

namespace halcyon {
namespace {

class Planner {
public:
    Planner(const Graph& graph, const PlanOptions& options, const Schedules& schedules, Diagnostics& diag,
            const BytePrices& byte_prices)
        : graph_(materialize(graph)), options_(options), schedules_(schedules), diag_(diag), byte_prices_(byte_prices),
          storage_(assign_storage(graph_, options.batch, options.spread_pixels)),
          whole_batch_from_(first_node_of_whole_batch(graph_, options)) {}

    Plan run() {
        start_program();
        for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id)
            for (NodeId input : graph_.nodes[static_cast<std::size_t>(id)].inputs) last_user_[buffer_of(input)] = id;
        separate_items();
        for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id)
            if (is_computed(node(id))) add_call(id);
        lay_out_buffers();
        lay_out_constants();
        return std::move(plan_);
    }

private:
    const Node& node(NodeId id) const { return graph_.nodes[static_cast<std::size_t>(id)]; }
    View& view(NodeId id) { return storage_.views[static_cast<std::size_t>(id)]; }
    int buffer_of(NodeId id) { return view(id).buffer; }
    Buffer& buffer(int id) { return storage_.buffers[static_cast<std::size_t>(id)]; }
    Program& program() { return plan_.program; }

    bool is_for_one_item(NodeId id) const { return id < whole_batch_from_; }

    /// Buffers that only calls for one item use need not hold more than one.
    void separate_items() {
        if (whole_batch_from_ == 0) return;
        holds_all_items_.resize(storage_.buffers.size());
        for (std::size_t i = 0; i < storage_.buffers.size(); ++i)
            holds_all_items_[i] = storage_.buffers[i].kind != Place::Kind::workspace;
        for (NodeId id = whole_batch_from_; id < static_cast<NodeId>(graph_.nodes.size()); ++id) {
            if (!is_computed(node(id))) continue;
            holds_all_items_[static_cast<std::size_t>(buffer_of(id))] = true;
            for (NodeId input : node(id).inputs) holds_all_items_[static_cast<std::size_t>(buffer_of(input))] = true;
        }
        for (std::size_t i = 0; i < storage_.buffers.size(); ++i) {
            Buffer& one = storage_.buffers[i];
            if (holds_all_items_[i]) continue;
            one.kind = Place::Kind::item;
            one.bytes -= (options_.batch - 1) * one.item_bytes;
        }
    }

    bool is_door(int id) { return buffer(id).kind != Place::Kind::workspace && buffer(id).kind != Place::Kind::item; }

    bool holds_all_items(int buffer) const {
        return whole_batch_from_ == 0 || holds_all_items_[static_cast<std::size_t>(buffer)];
    }

    void start_program() {
        program().model = graph_.name;
        program().doc = graph_.doc;
        program().target = options_.target;
        program().batch = options_.batch;
        program().threads = options_.threads;
        program().items_in_parallel = whole_batch_from_ > 0 && items_in_parallel(options_.batch, options_.threads);
        for (NodeId input : graph_.inputs) program().inputs.push_back({node(input).name, node(input).type});
        for (const Graph::Output& output : graph_.outputs)
            program().outputs.push_back({output.name, node(output.node).type});
    }

    /// Whether `id` may write its result over its input number `index`: both own a whole workspace buffer of the same form,
    /// and nobody reads the input later.
    bool can_overwrite(const PlacedTask& placed, NodeId id, std::size_t index) {
        const NodeId input = node(id).inputs[index];
        if (placed.task.operation.op != Op::elementwise && static_cast<int>(index) < node(id).operand_count)
            return false;
        if (std::count(node(id).inputs.begin(), node(id).inputs.end(), input) != 1) return false;
        if (placed.task.inputs[index] != placed.task.output || placed.layouts.inputs[index] != placed.layouts.output)
            return false;
        const auto owns_buffer = [&](NodeId value) {
            return !is_door(buffer_of(value)) && view(value).offset == 0 &&
                   buffer(buffer_of(value)).bytes ==
                       span_of(view(value).layout, batched(holds_all_items(buffer_of(value)) ? options_.batch : 1,
                                                           node(value).type.shape)) *
                           4;
        };
        if (!owns_buffer(input) || !owns_buffer(id) || buffer_of(input) == buffer_of(id)) return false;
        if (holds_all_items(buffer_of(input)) != holds_all_items(buffer_of(id))) return false;
        for (NodeId other : node(id).inputs)
            if (other != input && buffer_of(other) == buffer_of(input)) return false;
        return last_user_[buffer_of(input)] == id;
    }

    /// How the node's constants are to be packed, by number.
    std::map<int, PackedForm> forms_of(NodeId id) {
        std::map<int, PackedForm> forms;
        const std::vector<ConstantExpr>& constants = node(id).constants;
        for (std::size_t k = 0; k < constants.size() && !options_.packed_forms.empty(); ++k) {
            const auto found = options_.packed_forms.find(constants[k].text());
            if (found != options_.packed_forms.end()) forms.emplace(static_cast<int>(k), found->second);
        }
        return forms;
    }

    /// The candidate, in place over one of the inputs where that costs no speed.
    Choice choose(PlacedTask& placed, NodeId id) {
        const std::map<int, PackedForm> forms = forms_of(id);
        const double byte_price = byte_prices_.at(program().calls.size());
        auto apart = choose_candidate(placed.task, placed.layouts, options_.target, schedules_, diag_,
                                      options_.max_error, forms, byte_price);
        if (!apart && !forms.empty())
            apart = choose_candidate(placed.task, placed.layouts, options_.target, schedules_, diag_,
                                     options_.max_error, {}, byte_price);
        for (std::size_t i = 0; i < node(id).inputs.size(); ++i) {
            if (!can_overwrite(placed, id, i)) continue;
            Candidate layouts = placed.layouts;
            layouts.in_place = static_cast<int>(i);
            const auto over = choose_candidate(placed.task, layouts, options_.target, schedules_, diag_,
                                               options_.max_error, forms, byte_price);
            constexpr double worth = 1.02;  // less memory is less cache traffic too, which the costs do not see
            const bool no_larger = byte_price == 0.0 || !apart || (over && over->bytes <= apart->bytes);
            if (over && no_larger && (!apart || over->cost <= apart->cost * worth)) {
                take_over(buffer_of(node(id).inputs[i]), buffer_of(id));
                return *over;
            }
        }
        if (!apart) internal_error(__FILE__, __LINE__, "no kernel family computes " + to_text(placed.task));
        return *apart;
    }

    /// Every view of buffer `gone` moves to `kept`.
    void take_over(int kept, int gone) {
        for (View& view : storage_.views)
            if (view.buffer == gone) view.buffer = kept;
        last_user_[kept] = std::max(last_user_[kept], last_user_[gone]);
    }

    int kernel_for(const Task& task, Choice choice, const std::string& layer) {
        const std::string key = to_json(task).dump() + to_json(choice.candidate).dump();
        const auto [found, is_new] = kernel_of_.try_emplace(key, static_cast<int>(program().kernels.size()));
        if (is_new) {
            std::string name = layer + "." + choice.candidate.family;
            for (int n = 2; !kernel_names_.insert(name).second; ++n)
                name = fmt::format("{}.{}.{}", layer, choice.candidate.family, n);
            program().kernels.push_back({task, choice.candidate, std::move(name)});
            plan_.choices.push_back(std::move(choice));
        }
        return found->second;
    }

    void add_call(NodeId id) {
        const std::int64_t items = is_for_one_item(id) ? 1 : options_.batch;
        const bool alone = is_for_one_item(id) && program().items_in_parallel;
        PlacedTask placed = task_of(graph_, storage_, id, items, alone ? 1 : options_.threads);
        KernelCall call;
        call.kernel = kernel_for(placed.task, choose(placed, id), node(id).name);
        call.layer = node(id).name;
        call.members = node(id).members;
        call.span = node(id).span;
        call.origin = node(id).origin;
        call.output_text = to_text(node(id).type);
        calls_.push_back(id);
        if (is_for_one_item(id)) program().item_calls = calls_.size();
        for (std::size_t k = 0; k < node(id).constants.size(); ++k)
            call_constants_.push_back(constant_for(node(id).constants[k], call.kernel, static_cast<int>(k)));
        program().calls.push_back(std::move(call));
    }

    int constant_for(const ConstantExpr& value, int kernel, int index) {
        const Kernel& user = program().kernels[static_cast<std::size_t>(kernel)];
        const KernelFamily& family = *find_kernel_family(user.candidate.family);
        Shape packed = family.packed_shape ? family.packed_shape(user.task, user.candidate, index) : value.shape();
        // Two kernels share a packed tensor only if they are the same kernel: packings are not compared.
        const std::string packing = family.pack ? fmt::format("{}|{}", kernel, index) : "";
        const auto [found, is_new] =
            constant_of_.try_emplace(value.text() + "|" + packing, static_cast<int>(program().constants.size()));
        if (is_new) program().constants.push_back({value, kernel, index, std::move(packed), 0});
        return found->second;
    }

    /// Where a call for `reader` finds or leaves the value of `id`.
    Place place_of(NodeId id, NodeId reader, const std::vector<std::int64_t>& workspace_offsets) {
        const Buffer& home = buffer(buffer_of(id));
        const std::int64_t offset = view(id).offset * bytes_of(node(id).type.element);
        const std::int64_t step =
            is_for_one_item(reader) && holds_all_items(buffer_of(id)) ? home.item_bytes : std::int64_t{0};
        if (is_door(buffer_of(id))) return {home.kind, home.door, offset, step};
        return {home.kind, 0, offset + workspace_offsets[static_cast<std::size_t>(buffer_of(id))], step};
    }

    /// Offsets of the buffers of one kind, by buffer.
    MemoryPlan lay_out(Place::Kind kind, std::vector<std::int64_t>& offsets) {
        // Lifetimes in call numbers, by buffer.
        std::map<int, Lifetime> lives;
        for (int call = 0; call < static_cast<int>(calls_.size()); ++call) {
            const auto touch = [&](NodeId id) {
                const int home = buffer_of(id);
                if (buffer(home).kind != kind) return;
                // What all items of the first calls leave behind is there while these are repeated.
                const bool repeated = call < static_cast<int>(program().item_calls) && holds_all_items(home);
                const auto [life, is_new] =
                    lives.try_emplace(home, Lifetime{buffer(home).bytes, repeated ? 0 : call, call});
                life->second.last = call;
            };
            touch(calls_[static_cast<std::size_t>(call)]);
            for (NodeId input : node(calls_[static_cast<std::size_t>(call)]).inputs) touch(input);
        }
        std::vector<Lifetime> lifetimes;
        for (const auto& [home, life] : lives) lifetimes.push_back(life);
        MemoryPlan memory = plan_memory(lifetimes);
        std::size_t next = 0;
        for (const auto& [home, life] : lives) offsets[static_cast<std::size_t>(home)] = memory.offsets[next++];
        return memory;
    }

    void lay_out_buffers() {
        std::vector<std::int64_t> offsets(storage_.buffers.size(), 0);
        const MemoryPlan memory = lay_out(Place::Kind::workspace, offsets);
        program().buffer_bytes = memory.bytes;
        program().buffer_bytes_bound = memory.lower_bound;
        program().item_buffer_bytes = lay_out(Place::Kind::item, offsets).bytes;

        std::size_t constant = 0;
        for (std::size_t call = 0; call < calls_.size(); ++call) {
            std::vector<Place>& arguments = program().calls[call].arguments;
            const NodeId id = calls_[call];
            for (NodeId input : node(id).inputs) arguments.push_back(place_of(input, id, offsets));
            for (std::size_t k = 0; k < node(calls_[call]).constants.size(); ++k)
                arguments.push_back(
                    {Place::Kind::constant, 0, call_constants_[constant++]});  // its number until lay_out_constants
            arguments.push_back(place_of(id, id, offsets));
        }
    }

    void lay_out_constants() {
        std::int64_t offset = 0;
        for (Constant& constant : program().constants) {
            constant.offset = offset;
            offset = aligned(offset + constant.bytes());
        }
        program().constant_bytes = offset;
        for (KernelCall& call : program().calls)
            for (Place& argument : call.arguments)
                if (argument.kind == Place::Kind::constant)
                    argument.offset = program().constants[static_cast<std::size_t>(argument.offset)].offset;
    }

    Graph graph_;
    const PlanOptions& options_;
    const Schedules& schedules_;
    Diagnostics& diag_;
    BytePrices byte_prices_;
    Storage storage_;
    NodeId whole_batch_from_;
    std::vector<bool> holds_all_items_;  // by buffer, where some calls are for one item
    Plan plan_;
    std::map<int, NodeId> last_user_;  // by buffer
    std::vector<NodeId> calls_;        // the node of each call
    std::vector<int> call_constants_;  // constants of all calls in order
    std::map<std::string, int> kernel_of_, constant_of_;
    std::set<std::string> kernel_names_;
};

/// Whether every tensor stays below the limit with the batch, and so fits the kernels' 32-bit indices.
bool fits(const Graph& graph, std::int64_t batch, Diagnostics& diag) {
    for (const Node& node : graph.nodes) {
        if (element_count(node.type.shape) <= max_elements / batch) continue;
        diag.error(Code::batch_too_large, node.span,
                   "with a batch of {} this tensor has {} x {} elements; at most {} are possible", batch, batch,
                   to_text(node.type.shape), max_elements);
        return false;
    }
    return true;
}

}  // namespace

Plan plan(const Graph& graph, const PlanOptions& options, const Schedules& schedules, Diagnostics& diag) {
    if (!fits(graph, options.batch, diag)) return {};
    const Plan fastest = Planner(graph, options, schedules, diag, {}).run();
    const auto allowed =
        static_cast<std::int64_t>(options.weights_growth * static_cast<double>(plain_constant_bytes(fastest.program)));
    Plan planned = fastest;
    // Constants that several calls share and results in place make prices estimates: after a miss the next aims lower.
    constexpr int most_tries = 4;
    std::int64_t aim = allowed;
    for (int i = 0; i < most_tries && planned.program.constant_bytes > allowed; ++i) {
        Diagnostics told;  // everything was said the first time
        planned = Planner(graph, options, schedules, told, byte_prices_for(fastest, aim)).run();
        aim -= planned.program.constant_bytes - allowed;
    }
    return planned;
}

}  // namespace halcyon
