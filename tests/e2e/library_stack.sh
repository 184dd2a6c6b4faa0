# A call needs less than 64 KiB of stack.
set -euo pipefail
programs=$SOURCE_DIR/tests/e2e/library
measure() {
    local model=$1
    gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -Ibuild -DHEADER="\"$model.h\"" -DRUN="${model}_run" \
        -DTENSORS="${model}_tensors" -DBYTES="${model^^}_WORKSPACE_BYTES(1)" "$programs/stack.c" "build/lib$model.a" -lm \
        -lpthread -o "stack_$model"
    "./stack_$model"
}
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" -o build
"$HALCYON" compile "$programs/mixed.hcn" --initialize 1 -o build
"$HALCYON" compile "$programs/families.hcn" --initialize 1 -o build
for model in digits mixed families; do measure $model; done
