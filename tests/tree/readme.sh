#!/bin/sh
# The README's tables are what the committed results hold: tables 1, 2 and 4, the correlations of
# figure 3 and the ratios to PyTorch in short (readme.awk).
# usage: readme.sh [--update]
# A section without results says so in a line. --update writes the README instead of comparing.
set -u
update=${1:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# section NAME FILE: for every processor that has results/reference/CPU/FILE.
section() {
    found=0
    for results in "$root"/results/reference/*/"$2"; do
        [ -f "$results" ] || continue
        [ "$found" -eq 0 ] || echo
        found=1
        printf '`%s`:\n\n' "${results#"$root/"}"
        awk -v section="$1" -f "$root/tests/tree/readme.awk" "$results" || exit 1
    done
    [ "$found" -eq 1 ] || printf 'No results of this are committed yet.\n'
}

cp "$root/README.md" "$work/README.md"
for part in table1:table1.csv table2:table2.csv table4:table4.csv figure3:figure3_correlations.csv \
    speed:peers/summary.csv; do
    name=${part%%:*}
    if [ "$(grep -c "^<!-- $name:\(begin\|end\) -->$" "$root/README.md")" -ne 2 ]; then
        echo "FAIL: the README has not one place for $name"
        exit 1
    fi
    section "$name" "${part#*:}" >"$work/section" || exit 1
    # What stands between the markers replaced by the section.
    awk -v name="$name" -v section="$work/section" '
        $0 == "<!-- " name ":end -->" { inside = 0 }
        !inside { print }
        $0 == "<!-- " name ":begin -->" {
            inside = 1
            while ((getline line <section) > 0) print line
        }' "$work/README.md" >"$work/next" || exit 1
    mv "$work/next" "$work/README.md"
done

if [ "$update" = --update ]; then
    cp "$work/README.md" "$root/README.md"
elif ! diff -u "$root/README.md" "$work/README.md"; then
    echo "FAIL: the README's tables are not those of results/reference; run $0 --update"
    exit 1
fi
echo "the README's tables are those of results/reference"
