#!/bin/sh
# What instruction sets make of 60 architectures: float32 rounds differently in each, the order stays. Four
# batches of 64 images by formula, as scores are taken: with fewer images rounding alone swaps neighbours.
# usage: isa_order.sh BENCH_SIGEO, four minutes of CPU time: by hand and from .ci/run
# Exit 77 (skipped) where there is nothing to compare with.
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS

fail() {
    echo "FAIL: $*"
    sed 's/^/    /' "$work/log"
    failures=$((failures + 1))
}

# same_order FILE FILE PROXY LEAST: whether Spearman's coefficient of a proxy's scores, by architecture, is at
# least that high. Scores that are no numbers are at the bottom, infinite ones at their ends.
same_order() {
    awk -F, -v proxy="$3" -v least="$4" '
        function value(text) {
            return text ~ /nan/ ? -1e8 : text ~ /^-inf/ ? -1e300 : text ~ /inf/ ? 1e300 : text + 0
        }
        function rank(side, at, i, below, same) {
            below = same = 0
            for (i = 0; i < n; i++) {
                below += score[side, arch[i]] < score[side, arch[at]]
                same += score[side, arch[i]] == score[side, arch[at]]
            }
            return below + (same + 1) / 2
        }
        FNR == 1 { side++ }
        $4 == proxy { score[side, $2] = value($9); n_of[side]++ }
        $4 == proxy && side == 1 { arch[n++] = $2 }
        END {
            middle = (n + 1) / 2
            for (i = 0; i < n; i++) {
                x = rank(1, i) - middle
                y = rank(2, i) - middle
                xy += x * y
                xx += x * x
                yy += y * y
            }
            coefficient = xx * yy > 0 ? xy / sqrt(xx * yy) : 0
            printf "%s: %.5f over %d architectures\n", proxy, coefficient, n
            exit n == 60 && n_of[2] == n && coefficient >= least ? 0 : 1
        }' "$1" "$2" >"$work/log"
}

# score ISA
score() {
    "$bench" --table 2 --task nb201-fmnist --data formula --warmup 0 --archs 60 --batches 4 --batch-size 64 \
        --isa "$1" --quiet --out "$work/$1" >"$work/log" 2>&1 || fail "60 architectures in $1"
}

best=$("$bench" --doctor 2>/dev/null | awk '$1 == "kernels" { print $2 }')
[ "$best" != scalar ] || {
    echo "skipped: the scalar tier is all that this machine has"
    exit 77
}
score "$best"
score scalar
for proxy in zico:0.999 sigeo-eq6:0.999 sigeo-naslib:0.98; do
    same_order "$work/scalar/scores.csv" "$work/$best/scores.csv" "${proxy%:*}" "${proxy#*:}" ||
        fail "scalar and $best order the architectures differently"
    cat "$work/log"
done
exit "$failures"
