// A program that measures candidates on another machine: trial.c, what `halcyon tune --runner` generates beside it (a
// trial_plan and the data that it points to), and the candidates themselves as libraries with weights from a file.
#ifndef HALCYON_TRIAL_H
#define HALCYON_TRIAL_H

#include "halcyon/interface.h"

typedef struct trial_input {
    const unsigned char* bytes;  // null: zeros
    size_t size;
    size_t first;  // where its first element lies
} trial_input;

typedef struct trial_output {
    const unsigned char* expected;  // float32, with all bits set where there is a gap; null: anything is right
    size_t size;
    size_t first;
} trial_output;

typedef struct trial_entrant {
    int (*run)(const void* tensors, void* workspace, size_t workspace_bytes, const halcyon_executor* executor);
    size_t workspace_bytes;
    const unsigned char* weights;
    size_t weights_bytes;
    size_t stored_bytes;  // so many of them are there; what the others are does not matter
    size_t copies;        // each run reads the next copy of the weights
    double max_error;     // max |a - b| / max |expected|: beyond it no time is taken
} trial_entrant;

typedef struct trial_plan {
    int threads;
    double seconds;  // for each entrant
    size_t least_blocks;
    const trial_input* inputs;
    size_t input_count;
    const trial_output* outputs;
    size_t output_count;
    const trial_entrant* entrants;
    size_t entrant_count;
} trial_plan;

extern const trial_plan trial;

#endif
