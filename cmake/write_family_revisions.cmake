# cmake -D ROOT=compiler/kernels -D OUTPUT=... -P write_family_revisions.cmake
# A family's code depends on its own file and on what all share.
file(GLOB shared RELATIVE "${ROOT}" "${ROOT}/common/*.cpp" "${ROOT}/common/*.h" "${ROOT}/*.h")
file(GLOB families RELATIVE "${ROOT}" "${ROOT}/*.cpp")
list(SORT shared)
list(SORT families)
set(shared_hashes "")
foreach(file IN LISTS shared)
    file(SHA256 "${ROOT}/${file}" hash)
    string(APPEND shared_hashes "${hash}")
endforeach()
set(rows "")
foreach(file IN LISTS families)
    cmake_path(GET file STEM name)
    file(SHA256 "${ROOT}/${file}" hash)
    string(SHA256 hash "${hash}${shared_hashes}")
    string(SUBSTRING "${hash}" 0 12 hash)
    string(APPEND rows "    if (family == \"${name}\") return \"${hash}\";\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"kernels/family_revision.h\"

namespace halcyon {

std::string_view family_revision(std::string_view family) {
${rows}    return {};
}

}  // namespace halcyon
")
