# cmake -D ROOT=... -D OUTPUT=... -P write_build_id.cmake
file(GLOB_RECURSE files RELATIVE "${ROOT}" "${ROOT}/compiler/*.cpp" "${ROOT}/compiler/*.h" "${ROOT}/compiler/*.def"
    "${ROOT}/compiler/*.hcn" "${ROOT}/runtime/*.c" "${ROOT}/runtime/*.h" "${ROOT}/requirements.txt")
list(SORT files)
set(listing "")
foreach(file IN LISTS files)
    file(SHA256 "${ROOT}/${file}" hash)
    string(APPEND listing "${hash} ${file}\n")
endforeach()
string(SHA256 id "${listing}")
string(SUBSTRING "${id}" 0 32 id)
file(WRITE "${OUTPUT}" "#include \"backend/build_id.h\"

namespace halcyon {

std::string_view halcyon_build_id() { return \"${id}\"; }

}  // namespace halcyon
")
