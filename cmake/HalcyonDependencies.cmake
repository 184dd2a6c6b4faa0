# Everything Halcyon needs from outside, found once. `./dev` installs it all.

# The Halide wheel sits beside the CMake wheel in one virtual environment, so the CMake that reads this file shows where.
cmake_path(GET CMAKE_COMMAND PARENT_PATH wheels)
cmake_path(APPEND wheels "../../.." OUTPUT_VARIABLE wheels)
file(GLOB venv_halide "${wheels}/halide/lib64/cmake" "${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/halide/lib64/cmake")
foreach(folder IN LISTS venv_halide)
    file(REAL_PATH "${folder}" folder)
    list(APPEND CMAKE_PREFIX_PATH "${folder}/Halide" "${folder}/HalideHelpers")
endforeach()
# The package would look for Python's headers too and warn about their absence.
set(CMAKE_DISABLE_FIND_PACKAGE_Halide_Python ON)
find_package(HalideHelpers 21 CONFIG REQUIRED)
find_package(Halide 21 CONFIG REQUIRED COMPONENTS shared)

# LLVM as the shared library only: Debian's LLD archives pull it in, and two copies of LLVM in one process abort.
find_package(LLVM 19.1 CONFIG REQUIRED PATHS /usr/lib/llvm-19 NO_DEFAULT_PATH)
find_package(LLD CONFIG REQUIRED PATHS /usr/lib/llvm-19 NO_DEFAULT_PATH)
add_library(halcyon_llvm INTERFACE)
target_include_directories(halcyon_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${LLD_INCLUDE_DIRS})
target_link_libraries(halcyon_llvm INTERFACE lldELF lldWasm lldCommon LLVM)
find_program(CLANG_19 clang-19 HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)
find_program(LLVM_LINK_19 NAMES llvm-link-19 llvm-link HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)

find_path(BOOST_INCLUDE boost/spirit/home/x3.hpp REQUIRED)
add_library(halcyon_boost INTERFACE)
target_include_directories(halcyon_boost SYSTEM INTERFACE ${BOOST_INCLUDE})

find_path(STB_INCLUDE stb_image.h PATH_SUFFIXES stb REQUIRED)
add_library(halcyon_stb INTERFACE)
target_include_directories(halcyon_stb SYSTEM INTERFACE ${STB_INCLUDE})

find_path(XXHASH_INCLUDE xxhash.h REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
add_library(halcyon_xxhash INTERFACE)
target_include_directories(halcyon_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE})
target_link_libraries(halcyon_xxhash INTERFACE ${XXHASH_LIBRARY})

find_path(SQLITE_INCLUDE sqlite3.h REQUIRED)
find_library(SQLITE_LIBRARY sqlite3 REQUIRED)
add_library(halcyon_sqlite INTERFACE)
target_include_directories(halcyon_sqlite SYSTEM INTERFACE ${SQLITE_INCLUDE})
target_link_libraries(halcyon_sqlite INTERFACE ${SQLITE_LIBRARY})

# Debian's CMake package of libzip asks for its command line tools too.
find_path(ZIP_INCLUDE zip.h REQUIRED)
find_library(ZIP_LIBRARY zip REQUIRED)
add_library(halcyon_zip INTERFACE)
target_include_directories(halcyon_zip SYSTEM INTERFACE ${ZIP_INCLUDE})
target_link_libraries(halcyon_zip INTERFACE ${ZIP_LIBRARY})

# The archive: Debian's shared library pulls in thirty others, which every start of the program would load.
find_path(HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(HDF5_LIBRARY libhdf5_serial.a REQUIRED)
find_library(SZIP_LIBRARY libsz.a REQUIRED)
find_library(AEC_LIBRARY libaec.a REQUIRED)
find_library(ZLIB_LIBRARY z REQUIRED)
add_library(halcyon_hdf5 INTERFACE)
target_include_directories(halcyon_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE})
target_link_libraries(halcyon_hdf5 INTERFACE ${HDF5_LIBRARY} ${SZIP_LIBRARY} ${AEC_LIBRARY} ${ZLIB_LIBRARY} ${CMAKE_DL_LIBS} m)

# ONNX's messages alone: what else Debian's package has, no start of the program should load.
find_path(ONNX_INCLUDE onnx/onnx_pb.h REQUIRED)
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
find_library(PROTOBUF_LIBRARY protobuf REQUIRED)
add_library(halcyon_onnx INTERFACE)
target_include_directories(halcyon_onnx SYSTEM INTERFACE ${ONNX_INCLUDE})
target_compile_definitions(halcyon_onnx INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
target_link_libraries(halcyon_onnx INTERFACE ${ONNX_PROTO_LIBRARY} ${PROTOBUF_LIBRARY})

find_path(MUSTACHE_INCLUDE kainjow/mustache.hpp REQUIRED)
add_library(halcyon_mustache INTERFACE)
target_include_directories(halcyon_mustache SYSTEM INTERFACE ${MUSTACHE_INCLUDE})

find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(doctest REQUIRED)
find_package(Threads REQUIRED)

# Python for scripts: the one of the same environment, which has NumPy and Pillow.
find_program(HALCYON_PYTHON python3 HINTS "${wheels}/../../../bin" "${PROJECT_SOURCE_DIR}/.venv/bin" REQUIRED)
