#include "plan/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace halcyon {
namespace {

std::string to_text(const Place& place, const Program& program) {
    switch (place.kind) {
    case Place::Kind::input:
        return fmt::format("{}+{}", program.inputs[static_cast<std::size_t>(place.door)].name, place.offset);
    case Place::Kind::output:
        return fmt::format("{}+{}", program.outputs[static_cast<std::size_t>(place.door)].name, place.offset);
    case Place::Kind::workspace: return fmt::format("workspace+{}", place.offset);
    case Place::Kind::constant: return fmt::format("constants+{}", place.offset);
    case Place::Kind::item: return fmt::format("item+{}", place.offset);
    }
    return {};
}

}  // namespace

std::string to_text(const Program& program) {
    std::string text = fmt::format("program {} target {} batch {} threads {}\n", program.model, program.target.name,
                                   program.batch, program.threads);
    for (const Door& door : program.inputs) text += fmt::format("input {}: {}\n", door.name, to_text(door.type));
    for (const Door& door : program.outputs) text += fmt::format("output {}: {}\n", door.name, to_text(door.type));
    for (std::size_t k = 0; k < program.kernels.size(); ++k) {
        const Kernel& kernel = program.kernels[k];
        text += fmt::format("kernel {} {}\n    {}\n    {}\n", k, kernel.name, to_text(kernel.task),
                            to_text(kernel.candidate, kernel.task));
    }
    for (const Constant& constant : program.constants)
        text += fmt::format("constant +{} {} bytes for kernel {}: {}\n", constant.offset, constant.bytes(),
                            constant.kernel, constant.value.text());
    for (const KernelCall& call : program.calls) {
        if (program.item_calls > 0 && &call == &program.calls.front())
            text += fmt::format("for each of {} items{}, with {} bytes\n", program.batch,
                                program.items_in_parallel ? " in parallel" : "", program.item_buffer_bytes);
        if (program.item_calls > 0 && &call == &program.calls.front() + program.item_calls) text += "for all items\n";
        std::vector<std::string> places;
        for (const Place& place : call.arguments) places.push_back(to_text(place, program));
        text += fmt::format("call {} ({}) -> {}  # {}\n", program.kernels[static_cast<std::size_t>(call.kernel)].name,
                            fmt::join(places.begin(), places.end() - 1, ", "), places.back(),
                            fmt::join(call.members, ", "));
    }
    text += fmt::format("workspace {} bytes, of which {} are alive at once; constants {} bytes\n", program.buffer_bytes,
                        program.buffer_bytes_bound, program.constant_bytes);
    return text;
}

}  // namespace halcyon
