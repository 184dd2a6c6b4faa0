# halcyon_table(ROOM TYPE FUNCTION HEADER [SUFFIX])
#
# Each .cpp directly in a room defines one constant named after its file: `const TYPE <stem><SUFFIX>` in namespace
# halcyon::ROOM. This lists them, sorted by file name, in a generated `const std::vector<const TYPE *> &FUNCTION()`, which
# HEADER declares in namespace halcyon. Adding a file is all it takes to add a layer, a kernel family or a command.
function(halcyon_table room type function header)
    set(suffix "${ARGV4}")
    file(GLOB files CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
    if(NOT EXISTS "${PROJECT_SOURCE_DIR}/compiler/${header}")
        return()
    endif()
    list(SORT files)
    set(declarations "")
    set(entries "")
    foreach(file IN LISTS files)
        cmake_path(GET file STEM stem)
        string(APPEND declarations "extern const ${type} ${stem}${suffix};\n")
        string(APPEND entries "        &${room}::${stem}${suffix},\n")
    endforeach()
    set(output "${CMAKE_CURRENT_BINARY_DIR}/generated/${function}.cpp")
    file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT "#include \"@header@\"

namespace halcyon::@room@ {
@declarations@}

namespace halcyon {

const std::vector<const @type@ *> &@function@() {
    static const std::vector<const @type@ *> table{
@entries@    };
    return table;
}

}  // namespace halcyon
")
    target_sources(halcyon_${room} PRIVATE "${output}")
endfunction()
