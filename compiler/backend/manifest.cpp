#include "backend/manifest.h"

#include <nlohmann/json.hpp>

#include "backend/build_id.h"
#include "backend/items_driver.h"
#include "backend/names.h"

namespace halcyon {

namespace {

using Json = nlohmann::ordered_json;

Json doors(const std::vector<Door>& doors) {
    Json list = Json::array();
    for (const Door& door : doors) list.push_back({{"name", door.name}, {"type", to_text(door.type)}});
    return list;
}

Json target_of(const Program& program) {
    return {{"name", program.target.name}, {"halide", program.target.halide}, {"triple", program.target.triple}};
}

Json kernels(const Program& program) {
    Json list = Json::array();
    for (std::size_t i = 0; i < program.kernels.size(); ++i) {
        const Kernel& kernel = program.kernels[i];
        Json layers = Json::array();
        for (const KernelCall& call : program.calls) {
            if (call.kernel == static_cast<int>(i)) layers.push_back(call.layer);
        }
        list.push_back({{"name", kernel.name},
                        {"symbol", kernel_symbol_of(program, static_cast<int>(i))},
                        {"task", to_text(kernel.task)},
                        {"candidate", to_text(kernel.candidate, kernel.task)},
                        {"layers", layers}});
    }
    return list;
}

}  // namespace

std::string make_manifest(const std::vector<Variant>& variants, const LibrarySizes& sizes,
                          const LibraryOptions& options) {
    const Program& program = variants.front().program;
    const WorkspaceSize workspace = workspace_size(variants, program);
    Json manifest;
    manifest["model"] = program.model;
    manifest["version"] = 1;
    manifest["target"] = target_of(program);
    manifest["batch"] = program.batch;
    manifest["threads"] = program.threads;
    manifest["inputs"] = doors(program.inputs);
    manifest["outputs"] = doors(program.outputs);
    manifest["weights_file"] = options.weights_file;
    if (!options.initialized.empty()) manifest["initialized"] = options.initialized;
    manifest["bytes"] = {{"object", sizes.object},
                         {"weights", sizes.weights},
                         {"workspace_first_worker", workspace.first_worker},
                         {"workspace_further_worker", workspace.further_worker}};
    manifest["hashes"] = {{"spec", options.spec_hash},
                          {"weights", options.weights_hash},
                          {"schedules", options.schedules_hash},
                          {"compiler", halcyon_build_id()}};
    manifest["kernels"] = kernels(program);
    if (runs_any_items(variants)) manifest["run_items"] = interface_names(program).run_items;
    for (const Variant& variant : variants) {
        if (variant.program.target != program.target) {
            manifest["further_targets"].push_back({{"target", target_of(variant.program)},
                                                   {"batch", variant.program.batch},
                                                   {"kernels", kernels(variant.program)}});
            continue;
        }
        if (!variant.program.further_batch) continue;
        const WorkspaceSize size = workspace_size(variants, variant.program);
        manifest["further_batches"].push_back({{"batch", variant.program.batch},
                                               {"run", interface_names(variant.program).run},
                                               {"workspace_first_worker", size.first_worker},
                                               {"workspace_further_worker", size.further_worker},
                                               {"kernels", kernels(variant.program)}});
    }
    return manifest.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace halcyon
