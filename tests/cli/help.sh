#!/bin/sh
# --help and the man page name the same options.
# usage: help.sh BENCH_SIGEO
set -u
bench=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$bench" --help >"$work/help" 2>"$work/err" || {
    echo "FAIL: --help exits $?"
    exit 1
}
[ ! -s "$work/err" ] || {
    echo "FAIL: --help writes to stderr"
    exit 1
}
# The list of options, not the usage above it, where lines break anywhere.
grep -oE '^ +(-[a-z], )?--[a-z-]+' "$work/help" | grep -oE -e '--[a-z-]+' | sort -u >"$work/listed"
grep -oE 'Fl -[a-z-]+' "$root/src/cli/bench_sigeo.1" | sed 's/^Fl -/--/' | sort -u >"$work/described"
if ! diff -u "$work/described" "$work/listed"; then
    echo "FAIL: man page (-) and --help (+) differ"
    exit 1
fi
echo "$(wc -l <"$work/listed") options, each in --help and in the man page"
