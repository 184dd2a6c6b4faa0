#pragma once

#include <string>

#include <Halide.h>

namespace halcyon {

/// Adds prefetches of a parameter, of floats, to a pipeline. What they fetch follows from the loops round the place where it
/// is read. The innermost ones step through a chunk, from its first element to its last; those round them that the place does
/// not depend on pass over the same chunk again, tile by tile; the first that it depends on goes on to the next chunk.
///
/// While several tiles pass over one chunk, each fetches its share of the next. A chunk that is read only once, or is the
/// only one, is fetched a fixed distance ahead of where it is read. Nothing is added where the parameter stays in the first
/// cache as a whole. Loops that threads share out, or of unknown length, end a chunk. Fetching past the parameter's end does no
/// harm.
///
/// Hardware finds such streams too, but late after each page, and no further ahead than its window of instructions.
void fetch_ahead(Halide::Pipeline& pipeline, const std::string& parameter);

}  // namespace halcyon
