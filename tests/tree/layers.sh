#!/bin/sh
# The house's floors: a file includes its own room and the rooms below it, and nothing else of ours;
# oneDNN's header is included by src/backend/onednn.c alone.
# usage: layers.sh
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 4
failures=0

# Rooms that files of a room may include, itself first.
allowed() {
    case $1 in
    base) echo base ;;
    kernels) echo kernels base ;;
    backend) echo backend kernels base ;;
    graph) echo graph backend kernels base ;;
    space) echo space graph backend kernels base ;;
    proxy | search) echo "$1" space graph backend kernels base ;;
    stats | data) echo "$1" base ;;
    harness) echo harness proxy search space graph backend kernels base stats data ;;
    bench) echo bench stats proxy space graph backend kernels base ;;
    cli) echo cli harness proxy search space graph backend kernels base stats data ;;
    esac
}

for file in $(find src kernels bench -name '*.[ch]' -o -name '*.inc' -o -name '*.cc' | sort); do
    case $file in
    kernels/*) room=kernels ;;
    bench/*) room=bench ;;
    *) room=${file#src/} room=${room%%/*} ;;
    esac
    for include in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
        target=${include%%/*}
        case " $(allowed "$room") " in
        *" $target "*) ;;
        *)
            echo "FAIL: $file includes $include"
            failures=$((failures + 1))
            ;;
        esac
    done
    if [ "$file" != src/backend/onednn.c ] && grep -qE '^#include [<"](oneapi/dnnl/)?dnnl' "$file"; then
        echo "FAIL: $file includes oneDNN's header"
        failures=$((failures + 1))
    fi
done

# No exit, abort, printf or getenv outside src/cli and bench's main program.
for file in $(find src kernels bench -name '*.[ch]' ! -path 'src/cli/*' ! -path bench/main.c | sort); do
    if grep -nE '(^|[^a-zA-Z_])(exit|abort|printf|puts|getenv) ?\(' "$file" | grep -vE '^\s*[0-9]+:\s*(\*|/\*)' | grep -q .; then
        echo "FAIL: $file calls exit, abort, printf, puts or getenv"
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ] && echo "every include stays on its floor or below"
