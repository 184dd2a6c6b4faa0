// Reports to the program that runs a model which kernel is at work.
#ifndef HALCYON_WATCH_H
#define HALCYON_WATCH_H

#include "halcyon/interface.h"

// The executor if somebody watches, else null: what the driver asks before and after each kernel.
const halcyon_executor* halcyon_watched(const halcyon_executor* executor);

void halcyon_report(const halcyon_executor* watched, int event, int index, const char* layer, const char* kernel);

#endif
