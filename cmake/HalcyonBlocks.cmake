# halcyon_blocks(ROOM)
#
# Embeds the .hcn files of a room's folder blocks/, by their names, as the function built_in_blocks() of
# graph/built_in_blocks.h. Adding a file is all it takes to add a block library.
function(halcyon_blocks room)
    file(GLOB files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/blocks/*.hcn")
    list(SORT files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    set(cases "")
    foreach(file IN LISTS files)
        cmake_path(GET file STEM stem)
        file(READ "${file}" text)
        string(APPEND cases "    if (name == \"${stem}\") return std::string_view(R\"hcn(${text})hcn\");\n")
    endforeach()
    set(output "${CMAKE_CURRENT_BINARY_DIR}/generated/built_in_blocks.cpp")
    file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT "#include \"graph/built_in_blocks.h\"

namespace halcyon {

std::optional<std::string_view> built_in_blocks(std::string_view name) {
@cases@    return std::nullopt;
}

}  // namespace halcyon
")
    target_sources(halcyon_${room} PRIVATE "${output}")
endfunction()
