# ./dev alone lists its verbs and changes nothing; a wrong verb is named in one line and fails.
set -euo pipefail
cd "$SOURCE_DIR"

listing=$(./dev)
for verb in build demo test bench lint fmt; do
    grep -q "^  $verb " <<<"$listing" || { echo "not listed: $verb"; exit 1; }
done

if ./dev brew >/dev/null 2>"$BINARY_DIR/errors"; then
    echo "a wrong verb succeeded"
    exit 1
fi
[[ $(tail -n 1 "$BINARY_DIR/errors") == "dev: no verb 'brew'" ]]
