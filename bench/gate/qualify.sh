#!/bin/sh
# How often does the regression gate err? Compares bench_kernels with itself, and with builds of itself that
# waste 5, 10 and 20 per cent of time in every case of the gate set (-DSGEO_SLOWDOWN).
#
#   bench/gate/qualify.sh BUILD OUT [SAME [SLOWED]]
#
# SAME comparisons of equal programs (50) and SLOWED of each slowed one (8), one of each kind in turn, so
# that what befalls the machine befalls all alike; two and a half minutes each, twice that where something
# looks changed. BUILD keeps the programs, a calibration and the rounds of every comparison; interrupted, or with
# larger numbers, the same command goes on. OUT gets comparisons.csv and power.csv (results/schema.md), whole
# after every comparison; power.csv comes on standard output, too. SIGEO_ISA chooses the instruction set.
# Exit codes: 0 ok, 1 the build failed, 2 usage, else those of a comparison that could not be made.
set -eu

say() {
    printf 'qualify: %s\n' "$*" >&2
}

# die CODE MESSAGE
die() {
    code=$1
    shift
    say "$*"
    exit "$code"
}

usage() {
    die 2 "usage: bench/gate/qualify.sh BUILD OUT [SAME [SLOWED]]"
}

# keep PROGRAM NAME: a copy in BUILD, whole or not there.
keep() {
    cp "$1" "$build/$2.part"
    mv "$build/$2.part" "$build/$2"
}

# Programs that are there stay: all comparisons of a table are of the same builds.
build_program() {
    [ ! -x "$build/slower-$1" ] || return 0
    say "building bench_kernels, $1 % slower"
    if ! cmake -S "$root" -B "$build/tree" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
        -DSGEO_SLOWDOWN="$1" >"$build/log" 2>&1 ||
        ! cmake --build "$build/tree" --target bench_kernels bench_sigeo >>"$build/log" 2>&1; then
        tail -n 20 "$build/log" >&2
        die 1 "the build failed; hint: $build/log, and ./setup.sh build for what it needs"
    fi
    sed -n 's/.*SGEO_REVISION "\(.*\)"/\1/p' "$build/tree/generated/base/revision.h" >"$build/revision"
    keep "$build/tree/bench_sigeo" bench_sigeo
    keep "$build/tree/bench_kernels" "slower-$1"
}

# gate OPTION...: bench_sigeo, its CSV in BUILD/rows.csv; what it says appears only when it stops us.
gate() {
    code=0
    "$build/bench_sigeo" "$@" --quiet >"$build/rows.csv" 2>"$build/log" || code=$?
    # Regressed (1) and undecided (3) are results like others, where there are any.
    case $code in
    0) return 0 ;;
    1 | 3) [ ! -s "$build/rows.csv" ] || return 0 ;;
    esac
    cat "$build/log" >&2
    exit "$code"
}

# folder SLOWDOWN NUMBER: where a comparison lies; verdicts.csv in it is the last to be written.
folder() {
    printf '%s/comparisons/%02d-%04d' "$build" "$1" "$2"
}

# comparisons.csv of all folders: which one, then the gate's own row.
collect() {
    cd "$build/comparisons"
    awk 'NR == 1 { print "slowdown,comparison," $0 }
         FNR > 1 { print substr(FILENAME, 3, 2) + 0 "," substr(FILENAME, 6, 4) + 0 "," $0 }' ./*/verdicts.csv
}

# machine LINE: what a line of the calibration says behind metric: cpu, isa, compiler, schema.
machine() {
    sed -n "$1s/^[^,]*,[^,]*,[^,]*,[^,]*,//p" "$build/calibration/rounds.csv"
}

# power.csv of comparisons.csv; a share's interval is Wilson's, 95 %.
summarise() {
    awk -F, -v columns="$(machine 1)" -v machine="$(machine 2)" -v revision="$(cat "$build/revision")" '
        function share(part, all) {
            return all == 0 ? "nan" : sprintf("%.4f", part / all)
        }
        function wilson(part, all, sign,    z, p, middle, half) {
            z = 1.959964
            p = part / all
            middle = p + z * z / (2 * all)
            half = z * sqrt(p * (1 - p) / all + z * z / (4 * all * all))
            return sprintf("%.4f", (middle + sign * half) / (1 + z * z / all))
        }
        function median_ratio(s,    n, i, j, kept) {
            n = 0
            for (i = 1; i <= rows; i++) {
                if (slowdown_of[i] != s)
                    continue
                for (j = n++; j > 0 && sorted[j - 1] > ratio_of[i]; j--)
                    sorted[j] = sorted[j - 1]
                sorted[j] = ratio_of[i]
            }
            return sprintf("%.4f", (sorted[int((n - 1) / 2)] + sorted[int(n / 2)]) / 2)
        }
        NR == 1 {
            for (i = 1; i <= NF; i++)
                column[$i] = i
            next
        }
        {
            s = $1
            verdict = $column["verdict"]
            verdicts[s]++
            of[s, verdict]++
            rows++
            slowdown_of[rows] = s
            ratio_of[rows] = $column["ratio"] + 0
            if (!((s, $2) in seen))
                comparisons[s]++
            seen[s, $2] = 1
            if (verdict == "REGRESSED" && !((s, $2) in found))
                regressed[s]++
            if (verdict == "REGRESSED")
                found[s, $2] = 1
        }
        END {
            print "slowdown,comparisons,regressed_comparisons,share,ci_low,ci_high,verdicts,improved,same," \
                "regressed,inconclusive,regressed_share,ratio," columns ",revision"
            for (s = 0; s < 100; s++)
                if (s in comparisons)
                    print s "," comparisons[s] "," regressed[s] + 0 "," share(regressed[s], comparisons[s]) "," \
                        wilson(regressed[s], comparisons[s], -1) "," wilson(regressed[s], comparisons[s], 1) "," \
                        verdicts[s] "," of[s, "IMPROVED"] + 0 "," of[s, "SAME"] + 0 "," of[s, "REGRESSED"] + 0 "," \
                        of[s, "INCONCLUSIVE"] + 0 "," share(of[s, "REGRESSED"], verdicts[s]) "," median_ratio(s) "," \
                        machine "," revision
        }' "$out/comparisons.csv"
}

# publish COMMAND NAME: its output as OUT/NAME, whole or not there.
publish() {
    ("$1") >"$out/$2.part"
    mv "$out/$2.part" "$out/$2"
}

publish_all() {
    publish collect comparisons.csv
    publish summarise power.csv
}

# compare SLOWDOWN NUMBER
compare() {
    at=$(folder "$1" "$2")
    [ ! -f "$at/verdicts.csv" ] || return 0
    gate --compare "$build/slower-0" "$build/slower-$1" --from "$build/calibration" --out "$at"
    say "$1 % slower, comparison $2:$(awk -F, 'NR > 1 { n[$2]++ } END { for (v in n) printf " %d %s", n[v], v }' \
        "$at/verdicts.csv")"
    publish_all
}

case $# in
2 | 3 | 4) ;;
*) usage ;;
esac
same=${3:-50} slowed=${4:-8}
case $same,$slowed in
*[!0-9,]* | ,* | *,) usage ;;
esac
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1/comparisons" "$2"
build=$(cd "$1" && pwd) out=$(cd "$2" && pwd)

for slowdown in 20 10 5 0; do
    build_program "$slowdown"
done
if [ ! -f "$build/calibration/rounds.csv" ]; then
    say "calibrating"
    gate --calibrate="$build/slower-0" --out "$build/calibration"
fi
number=0
while [ "$number" -lt "$same" ] || [ "$number" -lt "$slowed" ]; do
    [ "$number" -ge "$same" ] || compare 0 "$number"
    for slowdown in 5 10 20; do
        [ "$number" -ge "$slowed" ] || compare "$slowdown" "$number"
    done
    number=$((number + 1))
done
[ "$number" -eq 0 ] || publish_all # a new OUT gets what an earlier run left in BUILD
[ ! -f "$out/power.csv" ] || cat "$out/power.csv"
