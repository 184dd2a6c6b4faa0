#pragma once

namespace halcyon {

/// From here on Ctrl-C and a polite request to end (SIGINT, SIGTERM) only set stop_requested(), for this process and for those
/// that it starts, so that work can be brought to an end and kept. To be called before threads are started.
void hold_stop_signals();
[[nodiscard]] bool stop_requested();

}  // namespace halcyon
