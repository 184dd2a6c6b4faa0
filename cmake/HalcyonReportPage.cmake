# halcyon_report_page(ROOM)
#
# Embeds the files of a room's folder page/ as the function page_parts() of report/page.h: page.html, page.css and all
# scripts, in the order of their names, as one. Adding a script is all it takes to add to the report.
function(halcyon_report_page room)
    set(folder "${CMAKE_CURRENT_SOURCE_DIR}/page")
    file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*.js")
    list(SORT scripts)
    set(include_scripts "")
    foreach(script IN LISTS scripts)
        string(APPEND include_scripts "    .incbin \"${script}\"\n")
    endforeach()
    set(embedded "${CMAKE_CURRENT_BINARY_DIR}/generated/page_text.S")
    file(CONFIGURE OUTPUT "${embedded}" @ONLY CONTENT "    .section .rodata
    .global halcyon_page_html, halcyon_page_style, halcyon_page_script, halcyon_page_end
halcyon_page_html:
    .incbin \"@folder@/page.html\"
halcyon_page_style:
    .incbin \"@folder@/page.css\"
halcyon_page_script:
@include_scripts@halcyon_page_end:
    .byte 0
    .section .note.GNU-stack,\"\",@progbits
")
    set_source_files_properties("${embedded}" PROPERTIES
        OBJECT_DEPENDS "${folder}/page.html;${folder}/page.css;${scripts}")
    set(parts "${CMAKE_CURRENT_BINARY_DIR}/generated/page_parts.cpp")
    file(CONFIGURE OUTPUT "${parts}" @ONLY CONTENT "#include \"report/page.h\"

extern \"C\" {
extern const char halcyon_page_html[], halcyon_page_style[], halcyon_page_script[], halcyon_page_end[];
}

namespace halcyon {

PageParts page_parts() {
    return {{halcyon_page_html, halcyon_page_style},
            {halcyon_page_style, halcyon_page_script},
            {halcyon_page_script, halcyon_page_end}};
}

}  // namespace halcyon
")
    target_sources(halcyon_${room} PRIVATE "${embedded}" "${parts}")
endfunction()
