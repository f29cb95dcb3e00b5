#!/bin/sh
# --isa: table 2's smoke run in every instruction set that this machine has, the cap reaching oneDNN.
# usage: isas.sh BENCH_SIGEO
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS
. "$(dirname "$0")/tiny_data.sh"
tiny_data "$work/data"

fail() {
    echo "FAIL: $*"
    sed 's/^/    /' "$work/log"
    failures=$((failures + 1))
}

isas=$("$bench" --list isas | awk '$2 == "yes" { print $1 }')
for needed in ref scalar; do
    echo "$isas" | grep -qx "$needed" || fail "no $needed among the instruction sets"
done

# Levels, architectures and images of the preset cut down; everything that a run does is done.
for isa in $isas; do
    "$bench" --table 2 --preset smoke --task nb201-cf10 --data "$work/data" --archs 8 --warmup 0,50 --epochs 1 \
        --batches 2 --batch-size 4 --isa "$isa" --quiet --out "$work/$isa" >"$work/log" 2>&1 || fail "smoke run in $isa"
    [ "$(wc -l <"$work/$isa/scores.csv")" -eq 65 ] || fail "$isa: not one row per level, architecture and proxy"
    grep -q "\"kernel_isa\": *\"$isa\"" "$work/$isa/meta.json" || fail "$isa: meta.json names another set"
    SIGEO_ISA=$isa "$bench" --doctor >"$work/log" 2>&1
    grep -q "^kernels  *$isa\$" "$work/log" || fail "SIGEO_ISA=$isa chooses another set"
done

# Where oneDNN was capped otherwise the two would disagree: refused, not mixed.
best=$(echo "$isas" | grep '^avx' | tail -n 1)
if [ -n "$best" ]; then
    DNNL_MAX_CPU_ISA=SSE41 "$bench" --doctor --isa "$best" >"$work/log" 2>&1
    got=$?
    [ "$got" -eq 3 ] && grep -q 'oneDNN uses' "$work/log" || fail "kernels above oneDNN's cap: exit $got"
fi
[ "$failures" -eq 0 ] && echo "smoke runs in:" $isas
exit "$failures"
