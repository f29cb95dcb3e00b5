#!/bin/sh
# The regression gate as a whole, on programs whose speed is known: verdicts, exit codes, saved rounds.
# usage: gate.sh PROGRAM
set -u
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$(dirname "$0")/../.." || exit 4
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# A program that answers like bench_kernels: benches `steady` and others, `steady` slower by a
# factor, one bench less or another setting on request.
# usage: make NAME FACTOR SETTING BENCHES
make() {
    cat >"$work/$1" <<END
#!/bin/sh
case "\$*" in *--benchmark_list_tests=true*) exec printf '%s\n' $4 ;; esac
awk -v factor=$2 -v setting=$3 -v benches="$4" -v seed=\$\$ 'BEGIN {
    srand(seed)
    printf "{\"context\":{\"cpu\":\"c\",\"isa\":\"%s\",\"compiler\":\"g\",\"schema\":\"1\"},\"benchmarks\":[", setting
    n = split(benches, names, " ")
    for (i = 1; i <= n; i++)
        for (r = 0; r < 7; r++) {
            time = (names[i] == "steady" ? factor : 1) * (1 + 0.01 * (rand() - 0.5))
            printf "%s{\"run_name\":\"%s\",\"run_type\":\"iteration\",\"cpu_time\":%.9g,\"time_unit\":\"us\"}", (i + r > 1 ? "," : ""), names[i], time
        }
    print "]}"
}'
END
    chmod +x "$work/$1"
}

# usage: expect CODE VERDICT BASE CAND [OPTION...]
expect() {
    code=$1 verdict=$2
    shift 2
    "$program" --compare "$@" --quiet >"$work/rows.csv" 2>"$work/errors"
    got=$?
    [ "$got" = "$code" ] || fail "--compare $*: exit $got, not $code: $(cat "$work/errors")"
    [ -z "$verdict" ] || grep -q ",$verdict," "$work/rows.csv" || fail "--compare $*: no $verdict"
}

make base 1 avx2 "steady other"
make same 1 avx2 "steady other"
make slow 1.2 avx2 "steady other"
make fast 0.8 avx2 "steady other"
make fewer 1 avx2 "other"
make more 1 avx2 "steady other third"
make elsewhere 1 scalar "steady other"
make empty 1 avx2 ""
make asked 1 '$SIGEO_ISA' "steady other"
printf '#!/bin/sh\nexit 9\n' >"$work/broken"
chmod +x "$work/broken"

expect 0 SAME "$work/base" "$work/same" --out "$work/kept"
expect 1 REGRESSED "$work/base" "$work/slow" --out "$work/slower"
expect 0 IMPROVED "$work/base" "$work/fast"
expect 3 MISSING "$work/base" "$work/fewer"
expect 0 NEW "$work/base" "$work/more"
expect 3 "" "$work/base" "$work/elsewhere"
grep -q "differ in isa" "$work/errors" || fail "another ISA is not named"
expect 0 SAME "$work/asked" "$work/asked" --isa scalar --out "$work/forced"
grep -q ',scalar,' "$work/forced/base.csv" || fail "--isa does not reach the programs"
expect 3 "" "$work/base" "$work/same" --repeat 2
expect 4 "" "$work/base" "$work/empty"
expect 4 "" "$work/base" "$work/broken"
printf '#!/bin/sh\necho >>"%s/calls"\n[ "$(wc -l <"%s/calls")" -ne 3 ] || exec "%s/fewer" "$@"\nexec "%s/base" "$@"\n' \
    "$work" "$work" "$work" "$work" >"$work/forgetful"
chmod +x "$work/forgetful"
expect 3 "" "$work/base" "$work/forgetful"
grep -q "forgetful does not measure steady every time" "$work/errors" || fail "a bench that comes and goes is not named"
expect 4 "" "$work/base" "$work/none"
root=$PWD
cd "$work" || exit 4
expect 0 SAME base ./same # a file here, not one on the PATH
cd "$root" || exit 4
expect 2 "" "$work/base"
expect 2 "" "$work/base" "$work/same" "$work/slow"
expect 2 "" "$work/base" "$work/kept/base.csv"

# Saved rounds give the same verdicts; a calibration from noisier rounds forgives them.
expect 1 REGRESSED "$work/slower/base.csv" "$work/slower/candidate.csv"
"$program" --calibrate="$work/base" --out "$work/calm" --quiet >"$work/floors.csv" 2>"$work/errors" ||
    fail "--calibrate: $(cat "$work/errors")"
[ "$(wc -l <"$work/floors.csv")" = 3 ] || fail "--calibrate: floors of two benches expected"
expect 1 REGRESSED "$work/slower/base.csv" "$work/slower/candidate.csv" --from "$work/calm"
mkdir "$work/foreign"
awk -F, 'BEGIN { OFS = "," } NR > 1 { $5 = "another" } { print }' "$work/calm/rounds.csv" >"$work/foreign/rounds.csv"
expect 3 "" "$work/slower/base.csv" "$work/slower/candidate.csv" --from "$work/foreign"
grep -q "foreign and rounds: .*differ in cpu: another and c" "$work/errors" || fail "another CPU's calibration is not named"
mkdir "$work/wild"
awk -F, 'BEGIN { OFS = "," } NR > 1 { $3 *= NR % 2 ? 1 : 2 } { print }' "$work/calm/rounds.csv" >"$work/wild/rounds.csv"
expect 0 SAME "$work/slower/base.csv" "$work/slower/candidate.csv" --from "$work/wild"

# Instructions, counted by a valgrind that knows what they are: a million a call, of the one bench that the
# filter selects; nothing where it selects none or several. One per cent more counts.
mkdir "$work/bin"
cat >"$work/bin/valgrind" <<'STUB'
#!/bin/sh
for word; do
    case $word in
    --callgrind-out-file=*) out=${word#*=} ;;
    --benchmark_filter=*) filter=${word#*=} ;;
    --calls=*) calls=${word#*=} ;;
    --*) ;;
    *) program=$word ;;
    esac
done
[ "$1" != --version ] || exit 0
selected=$("$program" --gate --benchmark_list_tests=true | grep -E "$filter")
factor=$(sed -n 's/.*-v factor=\([0-9.]*\).*/\1/p' "$program")
echo "$selected" | awk -v factor="$factor" -v calls="$calls" '{
    count = 1000000 * calls * ($0 == "steady" ? factor : 1)
}
END { printf "events: Ir\nsummary: %.0f\n", NR == 1 ? count : 0 }' >"$out"
exec "$program"
STUB
chmod +x "$work/bin/valgrind"
make one 1 avx2 "steady steady2 other"
make hardly 1.009 avx2 "steady steady2 other"
make more_work 1.011 avx2 "steady steady2 other"
PATH=$work/bin:$PATH
expect 0 SAME "$work/one" "$work/one" --metric instructions
expect 0 SAME "$work/one" "$work/hardly" --metric instructions
expect 1 REGRESSED "$work/one" "$work/more_work" --metric instructions
[ "$(cut -d, -f1-4 "$work/rows.csv" | tr '\n' ' ')" = "bench,verdict,ratio,ci_low steady,REGRESSED,1.011,1.011 steady2,SAME,1,1 other,SAME,1,1 " ] ||
    fail "counts: $(cat "$work/rows.csv")"

[ "$failures" = 0 ] && echo "gate: ok"
exit $((failures > 0))
