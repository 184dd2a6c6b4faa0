# A library's bits depend on nothing but the input: neither on the threads it was made for, nor on those it runs on, nor on
# where the tensors lie.
set -euo pipefail
programs=$SOURCE_DIR/tests/e2e/library
built=$(dirname "$HALCYON")
for threads in 1 4; do
    "$HALCYON" compile "$programs/families.hcn" --initialize 1 --batch 1,3 --threads $threads -o build$threads
    gcc -std=c11 -O1 -Wall -Wextra -Werror -Ibuild$threads -I"$built/include" "$programs/bits.c" build$threads/libfamilies.a \
        "$built/lib/libhalcyon_pool.a" -lm -lpthread -o bits$threads
    ./bits$threads $threads >bits$threads.txt || { cat bits$threads.txt; exit 1; }
done
cmp bits1.txt bits4.txt
for family in direct_conv winograd_conv pointwise_conv depthwise_conv dense pool reduce softmax elementwise; do
    grep -q "\.$family\"" build4/families.json || { echo "no $family in the network"; exit 1; }
done
