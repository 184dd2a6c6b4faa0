# One thread, pools of any size, and eight threads on one library give the same bits.
set -euo pipefail
programs=$SOURCE_DIR/tests/e2e/library
built=$(dirname "$HALCYON")
"$HALCYON" compile "$programs/mixed.hcn" --initialize 1 --threads 4 -o build
gcc -std=c11 -O1 -Wall -Wextra -Werror -Ibuild -I"$programs" -I"$built/include" "$programs/threads.c" build/libmixed.a \
    "$built/lib/libhalcyon_pool.a" -lm -lpthread -o threads
./threads
