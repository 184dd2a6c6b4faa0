# The examples do what their READMEs say, also in a copy, so that nothing is written beside the sources.
set -euo pipefail
HALCYON=$(realpath "$HALCYON")
export HALCYON
for example in digits upscale conv2d; do
    rm -rf "$example"
    cp -r "$SOURCE_DIR/examples/$example" .
    rm -rf "$example/build"
done

bash digits/demo.sh | tee demo.txt
grep -q '^same as Keras  *450 of 450 ' demo.txt
accuracy=$(sed -n 's/^accuracy  *\([0-9.]*\) %.*/\1/p' demo.txt)
awk -v accuracy="$accuracy" 'BEGIN { exit !(accuracy >= 97) }' || { echo "accuracy: '$accuracy'"; exit 1; }

# On a photograph that training never saw; the example's README shows these numbers.
bash upscale/demo.sh | tee upscale.txt
for way in bicubic network; do
    decibels=$(sed -n "s/^$way  *\([0-9.]* dB\)$/\1/p" upscale.txt)
    [[ -n $decibels ]] && grep -qF "$decibels" upscale/README.md && continue
    echo "$way: '$decibels' is not in the README"
    exit 1
done
upscale/build/upscale upscale/cat/small.png again.png
cmp again.png upscale/build/network.png

# Where tests have PyTorch, the example's exported modules are run too.
[[ -x $SOURCE_DIR/.venv-torch/bin/python ]] && export PYTHON=$SOURCE_DIR/.venv-torch/bin/python
bash conv2d/check.sh >check.txt || { cat check.txt; exit 1; }
tail -n 1 check.txt
