# halcyon_shipped_schedules(ROOM)
#
# Embeds schedules/TARGET.hcs of the project as the function shipped_schedules() of schedule/shipped.h. Adding a file is all
# it takes to ship schedules for a target.
function(halcyon_shipped_schedules room)
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/schedules/*.hcs")
    list(SORT files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    set(cases "")
    foreach(file IN LISTS files)
        cmake_path(GET file STEM LAST_ONLY target)
        file(READ "${file}" text)
        # Literals may have a limited length; adjacent ones are one.
        string(LENGTH "${text}" left)
        set(literals "")
        set(at 0)
        while(left GREATER 0)
            string(SUBSTRING "${text}" ${at} 16000 part)
            string(APPEND literals "\n        R\"hcs(${part})hcs\"")
            math(EXPR at "${at} + 16000")
            math(EXPR left "${left} - 16000")
        endwhile()
        string(APPEND cases "    if (target == \"${target}\") return std::string_view(${literals});\n")
    endforeach()
    set(output "${CMAKE_CURRENT_BINARY_DIR}/generated/shipped_schedules.cpp")
    file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT "#include \"schedule/shipped.h\"

namespace halcyon {

std::optional<std::string_view> shipped_schedules([[maybe_unused]] std::string_view target) {
@cases@    return std::nullopt;
}

}  // namespace halcyon
")
    target_sources(halcyon_${room} PRIVATE "${output}")
endfunction()
