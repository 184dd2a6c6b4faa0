# Libraries for other processors are made of their code, and import no more than those for this one.
set -euo pipefail
compile() { "$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --threads 2 --target "$1" -o "$1"; }
check_imports() {
    local imports
    imports=$(sed -n 's/^ *U //p' | grep -vxE '_GLOBAL_OFFSET_TABLE_|__stack_pointer|__memory_base|__indirect_function_table|mem(cpy|set|move)' || true)
    [[ -z $imports ]] || { echo "imports: $imports"; exit 1; }
}
compile arm-64-linux
llvm-readobj-19 --file-headers arm-64-linux/libdigits.a | grep -q 'Arch: aarch64'
llvm-nm-19 -u arm-64-linux/libdigits.a | check_imports
compile wasm-32
llvm-readobj-19 --file-headers wasm-32/libdigits.a | grep -q 'Arch: wasm32'
llvm-nm-19 -u wasm-32/libdigits.a | check_imports
