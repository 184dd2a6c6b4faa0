# A library's one global symbol is its interface; it imports nothing but memory functions and libm; its functions are named
# after layers; it does not ask for an executable stack.
set -euo pipefail
"$HALCYON" compile "$SOURCE_DIR/tests/e2e/library/mixed.hcn" --initialize 1 --threads 4 --shared -o build

globals=$(nm -g --defined-only build/libmixed.a | sed -n 's/.* [A-Z] //p')
[[ $globals == mixed_run ]] || { echo "global symbols: $globals"; exit 1; }
[[ $(nm -D --defined-only build/libmixed.so | sed 's/.* //') == mixed_run ]]

# _GLOBAL_OFFSET_TABLE_ is the linker's own.
imports=$(nm -u build/libmixed.a | sed -n 's/^ *U //p' |
    grep -vxE '_GLOBAL_OFFSET_TABLE_|mem(cpy|set|move)|(exp|exp2|log|log2|pow|tanh|tan|sin|cos|erf|floor|ceil|round|roundeven|trunc|nearbyint|sqrt|fma)f?' || true)
[[ -z $imports ]] || { echo "imports: $imports"; exit 1; }

nm build/libmixed.a | grep -q ' t mixed\.stem\.' || { echo "no function is named after the layer 'stem'"; nm build/libmixed.a; exit 1; }
sections=$(readelf -SW build/libmixed.a)
grep -q '\.note\.GNU-stack' <<<"$sections"
readelf -lW build/libmixed.so | grep GNU_STACK | grep -q 'RW '

# Every function of the library can be unwound, for gdb and perf.
functions=$(nm build/libmixed.a | grep -c ' [tT] mixed')
unwound=$(readelf --debug-dump=frames build/libmixed.so | grep -c ' FDE ')
((unwound >= functions)) || { echo "$functions functions, $unwound with unwind tables"; exit 1; }
