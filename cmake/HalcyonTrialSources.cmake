# Into the room `tune`: the C files that `tune --runner` compiles for the machine where candidates are measured, embedded as
# text, and trial_sources() of tune/trial_sources.h that gives them.
set(trial_folder "${PROJECT_BINARY_DIR}/generated/trial")
set(trial_assembly "    .section .rodata\n")
set(trial_table "")
set(trial_declarations "")
set(trial_files "")
foreach(path trial/trial.c trial/trial.h pool/pool.c halcyon/pool.h halcyon/interface.h)
    string(MAKE_C_IDENTIFIER "halcyon_trial_${path}" symbol)
    set(file "${PROJECT_SOURCE_DIR}/runtime/${path}")
    list(APPEND trial_files "${file}")
    string(APPEND trial_assembly "    .global ${symbol}, ${symbol}_end\n${symbol}:\n    .incbin \"${file}\"\n${symbol}_end:\n    .byte 0\n")
    string(APPEND trial_declarations "extern const char ${symbol}[], ${symbol}_end[];\n")
    # All lie side by side in one folder: "halcyon/pool.h" keeps its own.
    string(REGEX REPLACE "^(trial|pool)/" "" name "${path}")
    string(APPEND trial_table "    {\"${name}\", {${symbol}, ${symbol}_end}},\n")
endforeach()
string(APPEND trial_assembly "    .section .note.GNU-stack,\"\",@progbits\n")
file(CONFIGURE OUTPUT "${trial_folder}/embed.S" CONTENT "@trial_assembly@" @ONLY)
set_source_files_properties("${trial_folder}/embed.S" PROPERTIES OBJECT_DEPENDS "${trial_files}")
file(CONFIGURE OUTPUT "${trial_folder}/trial_sources.cpp" CONTENT [[#include "tune/trial_sources.h"

extern "C" {
@trial_declarations@}

namespace halcyon {

std::vector<TrialSource> trial_sources() {
    return {
@trial_table@    };
}

}  // namespace halcyon
]] @ONLY)
target_sources(halcyon_tune PRIVATE "${trial_folder}/embed.S" "${trial_folder}/trial_sources.cpp")
