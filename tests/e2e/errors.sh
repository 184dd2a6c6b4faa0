# Every tests/errors/NAME.hcn fails with status 1 and exactly the text of NAME.expect (see tests/errors/README.md).
set -uo pipefail
HALCYON=$(realpath "$HALCYON")
SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$SOURCE_DIR/tests/errors" || exit 1

cases=0
failed=0
for spec in *.hcn; do
    name=${spec%.hcn}
    read -r first <"$spec" || true
    words=(show "$spec")
    if [[ $first == "# halcyon: "* ]]; then
        read -ra words <<<"${first#\# halcyon: }"
        [[ $first == *"{spec}"* ]] || words=("${words[0]}" "$spec" "${words[@]:1}")
    fi
    mkdir "$scratch/$name"
    words=("${words[@]//\{spec\}/$spec}")
    words=("${words[@]//\{out\}/$scratch/$name}")
    words=("${words[@]//\{data\}/$SOURCE_DIR/tests/data}")

    "$HALCYON" "${words[@]}" >/dev/null 2>"$scratch/errors"
    status=$?
    sed -i "s|$scratch/$name|{out}|g; s|$SOURCE_DIR/tests/data|{data}|g" "$scratch/errors"
    [[ -z ${UPDATE:-} ]] || cp "$scratch/errors" "$name.expect"
    cases=$((cases + 1))
    problem=""
    [[ $status == 1 ]] || problem="exit status $status, not 1"
    [[ -z $(ls -A "$scratch/$name") ]] || problem="left files behind: $(ls -A "$scratch/$name")"
    diff=$(diff -u --label "$name.expect" --label "standard error" "$name.expect" "$scratch/errors" 2>&1) || problem="other text"
    if [[ $problem ]]; then
        printf '%s: %s\n%s\n' "$name" "$problem" "$diff"
        failed=$((failed + 1))
    fi
done
echo "$cases cases, $failed failed"
[[ $cases -gt 0 && $failed == 0 ]]
