#!/usr/bin/env bash
# Compiles each model of conv2d.hcn, links check.c with it, and compares what it computes with what Keras and PyTorch
# computed; exports three of them to PyTorch, and runs those too where PYTHON has PyTorch. HALCYON names the compiler,
# CC a C compiler, PYTHON an interpreter.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
halcyon=$(realpath "${HALCYON:-$here/../../build/release/halcyon}")
cc=${CC:-gcc}
python=${PYTHON:-python3}
cd "$here"
mkdir -p build

# check MODEL INPUT-DOOR WEIGHTS INPUT EXPECTED...
check() {
    local model=$1 door=$2 weights=$3 input=$4 kernels
    shift 4
    printf '%s\n' "$model"
    "$halcyon" compile "conv2d.hcn:$model" --weights "$weights.safetensors" -o build/
    "$cc" -std=c11 -O2 -Wall -Wextra -Ibuild -DHEADER="\"$model.h\"" -DMODEL="$model" -DPREFIX="${model^^}" \
        -DINPUT="${door^^}" check.c "build/lib$model.a" -lm -o "build/check_$model"
    "build/check_$model" "data/$input.npy" "${@/#/data/}"

    # Kernels are symbols named MODEL.LAYER.FAMILY. Whatever the layout of the door, the convolution is the only one.
    kernels=$(nm "build/lib$model.a" | sed -n "s/^[0-9a-f]* [tT] $model\.//p" | sort -u)
    if [[ -z $kernels ]] || grep -qv '^conv2d\.' <<<"$kernels"; then
        printf 'expected kernels of the layer conv2d alone, found: %s\n' "${kernels:-none}" >&2
        return 1
    fi
}

check relu_valid image relu picture relu_valid.{keras,pytorch}.npy
check relu_padded image relu picture relu_padded.pytorch.npy
check relu_padded_from_pytorch image relu picture_channels_first relu_padded.pytorch.npy
check strided image strided features strided.{keras,pytorch}.npy
check sigmoid input sigmoid grey sigmoid.keras.npy
check sigmoid_channels_first image sigmoid grey_channels_first sigmoid_channels_first.pytorch.npy
check sigmoid_permuted image sigmoid grey_channels_first sigmoid_channels_first.pytorch.npy
check halved_same image halved picture halved_same.{keras,pytorch}.npy
check halved_padded image halved picture halved_padded.{keras,pytorch}.npy

for model in relu_valid:relu strided:strided sigmoid:sigmoid; do
    name=${model%:*}
    "$halcyon" export "conv2d.hcn:$name" --to pytorch --weights "${model#*:}.safetensors" -o "build/$name.py"
    diff "exported/$name.py" "build/$name.py"
done
if "$python" -c 'import torch, safetensors' 2>/dev/null; then
    "$python" check_exported.py build
else
    printf 'exported to PyTorch, which %s does not have: not run\n' "$python"
fi
printf 'conv2d: every layer agrees with Keras and PyTorch\n'
