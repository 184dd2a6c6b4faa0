# One thread, pools of any size, and eight threads on one library give the same bits; so do three models that share a
# pool, which then uses no CPU.
set -euo pipefail
programs=$SOURCE_DIR/tests/e2e/library
built=$(dirname "$HALCYON")
"$HALCYON" compile "$programs/mixed.hcn" --initialize 1 --threads 4 -o build
gcc -std=c11 -O1 -Wall -Wextra -Werror -Ibuild -I"$programs" -I"$built/include" "$programs/threads.c" build/libmixed.a \
    "$built/lib/libhalcyon_pool.a" -lm -lpthread -o threads
./threads

"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --threads 3 -o build
"$HALCYON" compile "$SOURCE_DIR/examples/models/lenet5.hcn" --initialize 1 --threads 3 -o build
gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -Ibuild -I"$programs" -I"$built/include" "$programs/three.c" \
    build/libmixed.a build/libdigits.a build/liblenet5.a "$built/lib/libhalcyon_pool.a" -lm -lpthread -o three
./three
