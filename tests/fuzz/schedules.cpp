#include "input.h"
#include "schedule/choose.h"

using namespace halcyon;

// A schedule file is read, its mistakes are reported at their lines.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Sources sources;
    Diagnostics diag;
    const std::uint32_t file = sources.add("fuzz.hcs", std::string(input_text(data, size)));
    const Schedules schedules = Schedules::parse(sources, file, diag);
    require(render(diag, sources).empty() == diag.all().empty());
    require(schedules.find("conv2d", "x86-64-v3") == nullptr || !schedules.empty());
    return 0;
}
