#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backend/library.h"
#include "formats/weights.h"
#include "graph/graph.h"
#include "plan/plan.h"
#include "plan/program.h"
#include "schedule/choose.h"
#include "schedule/network_plan.h"
#include "support/diagnostics.h"
#include "support/file_system.h"

namespace halcyon {

/// The options that `compile`, `run`, `check`, `show` and `bench` share.
struct CompileOptions {
    std::string spec;  ///< "file.hcn" or "file.hcn:model"
    WeightOptions weights;
    std::string target = "host";
    std::int64_t batch = 1;
    int threads = 1;
    double max_error = default_max_error;  ///< --max-error: what a layer may be off by
    bool exact = false;                    ///< --exact: no algorithm that rounds more than the layer's definition
    std::string optimize = "speed";        ///< --optimize: speed or size
    std::optional<double> weights_growth;  ///< --weights-growth; empty: as --optimize has it
    std::string schedules;                 ///< --schedules; empty: SPEC.hcs where there is one
    std::string emit;                      ///< print this stage and stop; empty: none
    std::string program_path;              ///< Halcyon itself, for worker processes
    bool timing = false;
};

/// What packed constants may take, relative to the same constants as they are.
[[nodiscard]] double weights_growth_of(const CompileOptions& options);

/// One model on its way: every stage's value, so that commands can look at any of them.
struct CompiledModel {
    Graph layers;  ///< as elaborated: what the reference computes
    Graph graph;   ///< after all passes
    Program program;
    std::vector<Choice> choices;  ///< one per program.kernels
    NetworkPlan whole;            ///< what the schedules say of the network
};

/// The spec's models as graphs of layers. Nothing after errors.
[[nodiscard]] std::optional<std::vector<Graph>> elaborate_spec(const CompileOptions& options, Sources& sources,
                                                               const FileSystem& files, Diagnostics& diag);

/// Every stage up to the program; needs no weights. Prints --emit stages to standard output. `packed_forms` are those of
/// constants that other programs of the same library read.
[[nodiscard]] std::optional<CompiledModel> plan_model(Graph layers, const CompileOptions& options, Sources& sources,
                                                      const FileSystem& files, Diagnostics& diag,
                                                      const PackedForms& packed_forms = {});

/// "dir/file.hcn:model" apart: the file and the model ("" if none was named).
struct SpecPath {
    std::string file;
    std::string model;
};
[[nodiscard]] SpecPath split_spec(const std::string& spec);

}  // namespace halcyon
