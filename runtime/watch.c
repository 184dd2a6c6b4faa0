#include "watch.h"

const halcyon_executor* halcyon_watched(const halcyon_executor* executor) {
    return executor && executor->on_kernel ? executor : 0;
}

// Not inlined: two calls for each kernel stay small.
__attribute__((noinline, cold)) void halcyon_report(const halcyon_executor* watched, int event, int index,
                                                    const char* layer, const char* kernel) {
    watched->on_kernel(watched->on_kernel_context, event, index, layer, kernel);
}
