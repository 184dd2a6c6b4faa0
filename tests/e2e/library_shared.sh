# The shared library loads with dlopen, in a program that links neither it nor libm.
set -euo pipefail
programs=$SOURCE_DIR/tests/e2e/library
"$HALCYON" compile "$programs/mixed.hcn" --initialize 1 --shared -o build
gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibuild -I"$programs" "$programs/shared.c" -ldl -o shared
(cd build && ../shared)
