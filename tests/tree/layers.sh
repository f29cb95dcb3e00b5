#!/bin/sh
# The house's floors: a file includes its own room and the rooms below it, and nothing else of ours;
# oneDNN's header is included by src/backend/onednn.c alone.
# usage: layers.sh
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 4
# Files that include what their room may not see: "FILE includes TARGET". A room may include itself and
# those named here.
wrong_floor() {
    grep -rE '^#include "' --include='*.[ch]' --include='*.inc' --include='*.cc' src kernels bench |
        awk -F '[:"]' '
        BEGIN {
            see["base"] = ""
            see["kernels"] = "base"
            see["backend"] = "kernels base"
            see["graph"] = "backend kernels base"
            see["space"] = "graph backend kernels base"
            see["proxy"] = see["search"] = "space graph backend kernels base"
            see["stats"] = see["data"] = "base"
            see["harness"] = "proxy search space graph backend kernels base stats data"
            see["bench"] = "stats proxy space graph backend kernels base"
            see["cli"] = "harness proxy search space graph backend kernels base stats data"
        }
        {
            split($1, path, "/"); split($3, target, "/")
            room = path[1] == "src" ? path[2] : path[1]
            if (index(" " room " " see[room] " ", " " target[1] " ") == 0)
                print $1 " includes " $3
        }'
}

# Files outside src/cli and bench's main program that print or end the process.
forbidden_calls() {
    grep -rnE '(^|[^a-zA-Z_])(exit|abort|printf|puts|getenv) ?\(' --include='*.[ch]' src kernels bench |
        grep -vE '^(src/cli/|bench/main\.c:)' | grep -vE '^[^:]*:[0-9]+:\s*(\*|/\*)' | cut -d: -f1 | sort -u |
        sed 's/$/ calls exit, abort, printf, puts or getenv/'
}

onednn_header() {
    grep -rlE '^#include [<"](oneapi/dnnl/)?dnnl' --include='*.[ch]' --include='*.inc' --include='*.cc' \
        src kernels bench | grep -v '^src/backend/onednn\.c$' | sed "s/\$/ includes oneDNN's header/"
}

if { wrong_floor; forbidden_calls; onednn_header; } | sed 's/^/FAIL: /' | grep .; then
    exit 1
fi
echo "every include stays on its floor or below"
