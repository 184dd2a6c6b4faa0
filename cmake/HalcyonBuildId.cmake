# Library halcyon_build_id: `halcyon_build_id()` of backend/build_id.h, a hash of all that decides what Halcyon emits.
# It is computed while building, not configuring, so that it follows every edit; it holds no time and no path.
file(GLOB_RECURSE halcyon_hashed_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/compiler/*.cpp"
    "${PROJECT_SOURCE_DIR}/compiler/*.h" "${PROJECT_SOURCE_DIR}/compiler/*.def" "${PROJECT_SOURCE_DIR}/compiler/*.hcn"
    "${PROJECT_SOURCE_DIR}/runtime/*.c" "${PROJECT_SOURCE_DIR}/runtime/*.h")
set(output "${PROJECT_BINARY_DIR}/generated/build_id.cpp")
add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -D "ROOT=${PROJECT_SOURCE_DIR}" -D "OUTPUT=${output}"
        -P "${PROJECT_SOURCE_DIR}/cmake/write_build_id.cmake"
    DEPENDS ${halcyon_hashed_sources} "${PROJECT_SOURCE_DIR}/requirements.txt"
        "${PROJECT_SOURCE_DIR}/cmake/write_build_id.cmake"
    COMMENT "Hashing the compiler's sources"
    VERBATIM)
add_library(halcyon_build_id STATIC "${output}")
target_link_libraries(halcyon_build_id PUBLIC halcyon_options)
