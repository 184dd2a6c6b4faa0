#pragma once

namespace halcyon {

/// Keeps this process, and the threads that it starts from now on, on that many of the CPUs that it may use: the last ones,
/// for interrupts and what else runs prefer the first. Where there are fewer it stays as it is.
void pin_to_cpus(int count);

}  // namespace halcyon
