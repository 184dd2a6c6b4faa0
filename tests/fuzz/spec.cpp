#include "syntax/parse.h"

#include "input.h"

using namespace halcyon;

// A spec is parsed or gets diagnostics; both can be printed.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Sources sources;
    Diagnostics diag;
    const std::uint32_t file = sources.add("fuzz.hcn", std::string(input_text(data, size)));
    const auto module = parse(sources, file, diag);
    require(module.has_value() != diag.has_errors());
    require(render(diag, sources).empty() == diag.all().empty());
    if (module) require(!to_text(*module, sources).empty());
    return 0;
}
