/* What MetaSchedule has made of a layer, as driver.c calls a model. Macros: LIBRARY, KERNEL and BIAS (files), IMAGE_EXTENTS,
 * KERNEL_EXTENTS, BIAS_EXTENTS, RESULT_EXTENTS. */
#pragma once

#include <halcyon/pool.h>
#include <string.h>
#include <tvm/ffi/c_api.h>

#include "arrays.h"

static inline TVMFFIAny word_of(const char* text) {
    return (TVMFFIAny){.type_index = kTVMFFIRawStr, .v_c_str = text};
}

/* A function that TVM has under this name, called. */
static inline TVMFFIAny call_by_name(const char* name, TVMFFIAny* arguments, int count) {
    const TVMFFIByteArray text = {name, strlen(name)};
    TVMFFIObjectHandle function = NULL;
    TVMFFIAny result = {0};
    if (TVMFFIFunctionGetGlobal(&text, &function) != 0 || !function ||
        TVMFFIFunctionCall(function, arguments, count, &result) != 0) {
        fprintf(stderr, "TVM: %s fails\n", name);
        exit(1);
    }
    return result;
}

static inline int layer_run(const layer_tensors* tensors, void* workspace, size_t bytes,
                            const halcyon_executor* executor) {
    (void)workspace, (void)bytes, (void)executor;
    static int64_t image_extents[] = IMAGE_EXTENTS, kernel_extents[] = KERNEL_EXTENTS, bias_extents[] = BIAS_EXTENTS,
                   result_extents[] = RESULT_EXTENTS;
    static TVMFFIObjectHandle function;
    static DLTensor arrays[4];
    static TVMFFIAny arguments[4];
    if (!function) {
        TVMFFIAny path = word_of(LIBRARY);
        const TVMFFIAny module = call_by_name("ffi.ModuleLoadFromFile", &path, 1);
        TVMFFIAny wanted[] = {module, word_of("main"), {.type_index = kTVMFFIBool, .v_int64 = 1}};
        function = call_by_name("ffi.ModuleGetFunction", wanted, 3).v_obj;
        float* const values[] = {tensors->image, read_array(KERNEL), read_array(BIAS), tensors->result};
        int64_t* const extents[] = {image_extents, kernel_extents, bias_extents, result_extents};
        const size_t sizes[] = {sizeof image_extents, sizeof kernel_extents, sizeof bias_extents,
                                sizeof result_extents};
        for (int i = 0; i < 4; ++i) {
            arrays[i] = (DLTensor){.data = values[i],
                                   .device = {kDLCPU, 0},
                                   .ndim = (int32_t)(sizes[i] / sizeof(int64_t)),
                                   .dtype = {kDLFloat, 32, 1},
                                   .shape = extents[i]};
            arguments[i] = (TVMFFIAny){.type_index = kTVMFFIDLTensorPtr, .v_ptr = &arrays[i]};
        }
    }
    TVMFFIAny nothing = {0};
    return TVMFFIFunctionCall(function, arguments, 4, &nothing);
}
