# Library halcyon_runtime_bitcode: runtime/*.c as one LLVM bitcode module per architecture, embedded with .incbin, and
# the function runtime_bitcode() of backend/runtime_bitcode.h that finds them.
file(GLOB runtime_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/runtime/*.c")
file(GLOB runtime_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/runtime/*.h" "${PROJECT_SOURCE_DIR}/runtime/halcyon/*.h")
set(bitcode_folder "${PROJECT_BINARY_DIR}/generated/runtime")
set(bitcode_files "")

# WebAssembly modules are linked statically: position independence would only cost a table there.
set(x86_64_flags --target=x86_64-unknown-linux-gnu -fPIC)
set(aarch64_flags --target=aarch64-unknown-linux-gnu -fPIC)
set(wasm32_flags --target=wasm32-unknown-unknown)

foreach(arch x86_64 aarch64 wasm32)
    set(parts "")
    foreach(source IN LISTS runtime_sources)
        cmake_path(GET source FILENAME file)
        set(part "${bitcode_folder}/${arch}/${file}.bc")
        add_custom_command(
            OUTPUT "${part}"
            COMMAND ${CLANG_19} ${${arch}_flags} -std=c11 -O2 -ffreestanding -fno-ident -Wall -Wextra -Wshadow -Wconversion
                -I. -emit-llvm -c "${file}" -o "${part}"
            DEPENDS "${source}" ${runtime_headers}
            # The module records the path that it was compiled from; a relative one is the same in every checkout.
            WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/runtime"
            COMMENT "Bitcode of runtime/${file} for ${arch}"
            VERBATIM)
        list(APPEND parts "${part}")
    endforeach()
    set(linked "${bitcode_folder}/${arch}.bc")
    if(parts)
        add_custom_command(OUTPUT "${linked}" COMMAND ${LLVM_LINK_19} -o "${linked}" ${parts} DEPENDS ${parts} VERBATIM)
    else()
        file(CONFIGURE OUTPUT "${linked}" CONTENT "")
    endif()
    list(APPEND bitcode_files "${linked}")
    file(MAKE_DIRECTORY "${bitcode_folder}/${arch}")
endforeach()

configure_file("${PROJECT_SOURCE_DIR}/cmake/runtime_bitcode.S.in" "${bitcode_folder}/embed.S" @ONLY)
set_source_files_properties("${bitcode_folder}/embed.S" PROPERTIES OBJECT_DEPENDS "${bitcode_files}")
add_library(halcyon_runtime_bitcode STATIC "${PROJECT_SOURCE_DIR}/cmake/runtime_bitcode.cpp" "${bitcode_folder}/embed.S")
target_link_libraries(halcyon_runtime_bitcode PUBLIC halcyon_options)

# The text that every generated header begins with is that of runtime/halcyon/interface.h, embedded the same way.
set(interface_header "${PROJECT_SOURCE_DIR}/runtime/halcyon/interface.h")
configure_file("${PROJECT_SOURCE_DIR}/cmake/interface_text.S.in" "${bitcode_folder}/interface_text.S" @ONLY)
set_source_files_properties("${bitcode_folder}/interface_text.S" PROPERTIES OBJECT_DEPENDS "${interface_header}")
target_sources(halcyon_runtime_bitcode PRIVATE "${bitcode_folder}/interface_text.S")
