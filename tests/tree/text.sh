#!/bin/sh
# Sources are ASCII with LF and a final newline; no line of C is longer than 100 columns.
# usage: text.sh
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 4

# Every finding as "FILE:LINE: what is wrong".
findings() {
    find src kernels bench tests plots -name '*.[ch]' -o -name '*.cc' -o -name '*.inc' -o -name '*.sh' \
        -o -name '*.py' -o -name '*.gp' -o -name '*.cmake' | sort >"$sources"
    LC_ALL=C xargs grep -nP '[^\x09\x0a\x20-\x7e]' <"$sources" | cut -d: -f1,2 |
        sed 's/$/: a character that is not ASCII/'
    LC_ALL=C xargs grep -LzP '\n\z' <"$sources" | sed 's/$/: no final newline/'
    find src kernels bench -name '*.[ch]' -o -name '*.cc' | sort |
        xargs awk 'length > 100 { print FILENAME ":" FNR ": a line of over 100 columns" }'
}

sources=$(mktemp)
trap 'rm -f "$sources"' EXIT
if findings | sed 's/^/FAIL: /' | grep .; then
    exit 1
fi
echo "plain text throughout"
