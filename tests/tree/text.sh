#!/bin/sh
# Sources are ASCII with LF and a final newline; no line of C is longer than 100 columns.
# usage: text.sh
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 4
failures=0
for file in $(find src kernels bench tests plots -name '*.[ch]' -o -name '*.cc' -o -name '*.inc' -o -name '*.sh' -o -name '*.py' -o -name '*.gp' -o -name '*.cmake' | sort); do
    if LC_ALL=C grep -nP '[^\x09\x0a\x20-\x7e]' "$file" | head -n 1 | grep -q .; then
        echo "FAIL: $file has a character that is not ASCII"
        failures=$((failures + 1))
    fi
    if [ -n "$(tail -c 1 "$file")" ]; then
        echo "FAIL: $file has no final newline"
        failures=$((failures + 1))
    fi
done
for file in $(find src kernels bench -name '*.[ch]' -o -name '*.cc' | sort); do
    if awk 'length > 100 { exit 1 }' "$file"; then :; else
        echo "FAIL: $file has a line of over 100 columns"
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ] && echo "plain text throughout"
