# Two builds of one spec are equal byte for byte: with a cold and a warm cache, in other folders, on one core and on all; and
# none needs any program in PATH.
set -euo pipefail
compile() {
    local folder=$1
    shift
    "$@" "$HALCYON" compile mixed.hcn --initialize 1 --threads 2 --shared --weights-file -o "$folder"
    "$@" "$HALCYON" compile mixed.hcn --initialize 1 -o "$folder/embedded"
}
HALCYON=$(realpath "$HALCYON")
export HALCYON_CACHE=$PWD/cache
rm -rf cache "another folder" first
mkdir -p "another folder/tmp"
cp "$SOURCE_DIR/tests/e2e/library/mixed.hcn" .
cp mixed.hcn "another folder"

compile first
compile warm
(cd "another folder" && HALCYON_CACHE=$PWD/cache TMPDIR=$PWD/tmp compile build taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')")
compile no_path env PATH=
for folder in warm "another folder/build" no_path; do
    diff -r first "$folder"
done
[[ -z $(ls -A "another folder/tmp") ]] || { echo "temporary files are left behind"; exit 1; }
