# How Halcyon's own C++ is compiled: the target `halcyon_options`, which every room and test links.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(halcyon_options INTERFACE)
target_include_directories(halcyon_options INTERFACE "${PROJECT_SOURCE_DIR}/compiler")
target_compile_options(halcyon_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${HALCYON_WERROR}>>:-Werror>)

if(HALCYON_SANITIZE)
    add_compile_options($<$<NOT:$<COMPILE_LANGUAGE:ASM>>:-fsanitize=address,undefined> -fno-omit-frame-pointer)
    add_compile_options(-fno-sanitize-recover=undefined)
    # GCC's analysis loses track of values behind the sanitizers' checks and warns of ones that are set.
    add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
    add_link_options(-fsanitize=address,undefined)
endif()

# ccache needs to be told that a precompiled header may be trusted: it hashes the headers themselves.
find_program(CCACHE ccache)
if(HALCYON_CCACHE AND CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
    add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()
