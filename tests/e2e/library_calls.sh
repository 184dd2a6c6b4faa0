# Right calls write what they should and nothing else, wrong ones are answered with error codes, none touches the heap.
set -euo pipefail
programs=$SOURCE_DIR/tests/e2e/library
"$HALCYON" compile "$programs/mixed.hcn" --initialize 1 -o build

for program in calls no_heap; do
    gcc -std=c11 -O1 -Wall -Wextra -Werror -Ibuild -I"$programs" "$programs/$program.c" build/libmixed.a -lm -o $program
    ./$program
done
