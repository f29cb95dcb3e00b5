#!/bin/sh
# The README's tables are what the committed results print.
# usage: readme.sh BENCH_SIGEO [--update]
# Without reference results both must be absent. --update writes the README instead of comparing.
set -u
bench=$1
update=${2:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
    found=0
    for table in "$root"/results/reference/*/table2.csv; do
        [ -f "$table" ] || continue
        found=1
        printf '```\n'
        "$bench" --table 2 --from "${table%/table2.csv}" || exit 1
        printf '```\n'
    done
    [ "$found" -eq 1 ] || printf 'No reference run is committed yet.\n'
} >"$work/tables" || exit 1

# What stands between the markers replaced by the tables.
awk -v tables="$work/tables" '
    /<!-- table2:end -->/ { inside = 0 }
    !inside { print }
    /<!-- table2:begin -->/ {
        inside = 1
        while ((getline line <tables) > 0) print line
    }' "$root/README.md" >"$work/README.md"

if [ "$update" = --update ]; then
    cp "$work/README.md" "$root/README.md"
elif ! diff -u "$root/README.md" "$work/README.md"; then
    echo "FAIL: the README's tables are not those of results/reference; run $0 BENCH_SIGEO --update"
    exit 1
fi
echo "the README's tables are those of results/reference"
