# Adds `family_revision()` of kernels/family_revision.h to the room of the kernels. Hashed while building, as the build id is.
function(halcyon_family_revisions room)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp" "${CMAKE_CURRENT_SOURCE_DIR}/*.h"
        "${CMAKE_CURRENT_SOURCE_DIR}/common/*.cpp" "${CMAKE_CURRENT_SOURCE_DIR}/common/*.h")
    set(script "${PROJECT_SOURCE_DIR}/cmake/write_family_revisions.cmake")
    set(output "${PROJECT_BINARY_DIR}/generated/family_revisions.cpp")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND ${CMAKE_COMMAND} -D "ROOT=${CMAKE_CURRENT_SOURCE_DIR}" -D "OUTPUT=${output}" -P "${script}"
        DEPENDS ${sources} "${script}"
        COMMENT "Hashing the families of kernels"
        VERBATIM)
    set_source_files_properties("${output}" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    target_sources(halcyon_${room} PRIVATE "${output}")
endfunction()
