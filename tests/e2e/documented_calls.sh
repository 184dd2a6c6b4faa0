# The programs of docs/calling.md compile without a warning and run as the page says.
set -euo pipefail
built=$(dirname "$HALCYON")
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --batch 1,8 --threads 2 -o build

# A program is an indented block that begins with its name: /* watch.c */
awk '/^    \/\* [a-z]+\.c \*\/$/ { name = $2 } /^[^ ]/ { name = "" } name { print substr($0, 5) >name }' \
    "$SOURCE_DIR/docs/calling.md"
for program in *.c; do
    gcc -std=c11 -O1 -Wall -Wextra -Werror -Ibuild -I"$built/include" "$program" build/libdigits.a \
        "$built/lib/libhalcyon_pool.a" -lm -lpthread -o "${program%.c}"
done

[[ $(./pool) == "no error" && $(./items) == "no error" ]]
./watch >watch.txt
# Every kernel call once, in order, by names that the library's functions have.
calls=$(grep -c ' ms  ' watch.txt)
sed -n 's/^ *\([0-9]*\) .* ms  .*/\1/p' watch.txt | cmp - <(seq 0 $((calls - 1)))
nm build/libdigits.a | sed -n 's/.* t \(digits\..*\)/\1/p' >functions.txt
while read -r kernel; do
    grep -qxF "$kernel" functions.txt || { echo "no function $kernel"; exit 1; }
done < <(sed -n 's/.*(\(.*\))$/\1/p' watch.txt)
grep -q ' in all$' watch.txt
