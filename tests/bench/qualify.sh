#!/bin/sh
# bench/gate/qualify.sh on programs whose speed is known: what it writes, that it goes on where it stopped, and
# the codes it ends with. Nothing is built.
# usage: qualify.sh BENCH_SIGEO
set -u
program=$(realpath "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAIL: $*"
    sed 's/^/    /' "$work/err"
    failures=$((failures + 1))
}

# make NAME FACTOR: a bench_kernels with two benches, both slower by a factor, that keeps a list of its runs.
make() {
    cat >"$work/build/$1" <<END
#!/bin/sh
echo $1 >>"$work/runs"
awk -v factor=$2 -v seed=\$\$ 'BEGIN {
    srand(seed)
    printf "{\"context\":{\"cpu\":\"c, with a comma\",\"isa\":\"avx2\",\"compiler\":\"g\",\"schema\":\"1\"},\"benchmarks\":["
    for (i = 0; i < 14; i++)
        printf "%s{\"run_name\":\"bench%d\",\"run_type\":\"iteration\",\"cpu_time\":%.9g,\"time_unit\":\"us\"}", (i ? "," : ""), i % 2, factor * (1 + 0.01 * (rand() - 0.5))
    print "]}"
}'
END
    chmod +x "$work/build/$1"
}

# expect CODE ARGUMENT...
expect() {
    code=$1
    shift
    "$root/bench/gate/qualify.sh" "$@" >"$work/table" 2>"$work/err"
    got=$?
    [ "$got" -eq "$code" ] || fail "exit $got instead of $code: $*"
}

runs() {
    wc -l <"$work/runs"
}

mkdir -p "$work/build"
cp "$program" "$work/build/bench_sigeo"
echo abc123 >"$work/build/revision"
make slower-0 1
make slower-5 1.03
make slower-10 1.1
make slower-20 1.2

expect 0 "$work/build" "$work/out" 2 1
csv=$work/out/comparisons.csv
[ "$(head -n 1 "$csv")" = "slowdown,comparison,bench,verdict,ratio,ci_low,ci_high,p_holm,threshold,base,candidate,base_rounds,candidate_rounds" ] ||
    fail "comparisons.csv has other columns"
[ "$(cut -d, -f1-4 "$csv" | tail -n +2 | tr '\n' ' ')" = "0,0,bench0,SAME 0,0,bench1,SAME 0,1,bench0,SAME 0,1,bench1,SAME 5,0,bench0,SAME 5,0,bench1,SAME 10,0,bench0,REGRESSED 10,0,bench1,REGRESSED 20,0,bench0,REGRESSED 20,0,bench1,REGRESSED " ] ||
    fail "comparisons.csv: $(cat "$csv")"
cmp -s "$work/table" "$work/out/power.csv" || fail "standard output is not the table"
[ "$(head -n 1 "$work/table")" = "slowdown,comparisons,regressed_comparisons,share,ci_low,ci_high,verdicts,improved,same,regressed,inconclusive,regressed_share,ratio,cpu,isa,compiler,schema,revision" ] ||
    fail "power.csv has other columns"
# Wilson's intervals of 0 of 2 and of 1 of 1.
grep -q '^0,2,0,0.0000,0.0000,0.6576,4,0,4,0,0,0.0000,\(1.00\|0.99\).*,"c, with a comma",avx2,g,1,abc123$' "$work/table" ||
    fail "equal programs: $(cat "$work/table")"
grep -q '^20,1,1,1.0000,0.2065,1.0000,2,0,0,2,0,1.0000,1.\(19\|20\)' "$work/table" || fail "20 % slower: $(cat "$work/table")"
[ "$(wc -l <"$work/table")" -eq 5 ] || fail "not one row per slowdown"
grep -q '^qualify: 10 % slower, comparison 0: 2 REGRESSED' "$work/err" || fail "progress is not told"

# What is there is not measured again; larger numbers add to it; programs that are there stay.
before=$(runs)
expect 0 "$work/build" "$work/out" 2 1
expect 0 "$work/build" "$work/other" 2 1
[ "$(runs)" -eq "$before" ] || fail "finished comparisons are measured again"
cmp -s "$work/out/comparisons.csv" "$work/other/comparisons.csv" || fail "another OUT has other comparisons"
expect 0 "$work/build" "$work/out" 3 1
[ "$(runs)" -eq $((before + 24)) ] || fail "one more comparison is not 12 rounds of each side"
grep -q '^0,3,0,' "$work/table" || fail "the table lacks the third comparison"
rm -r "$work/build/comparisons/05-0000"
expect 0 "$work/build" "$work/out" 3 1
[ "$(wc -l <"$csv")" -eq 13 ] || fail "a comparison that was interrupted is not made again"

# A comparison that cannot be made stops it, with the reason; usage.
printf '#!/bin/sh\nexit 9\n' >"$work/build/slower-5"
expect 4 "$work/build" "$work/out" 3 2
grep -q 'slower-5' "$work/err" || fail "a broken program is not named"
make slower-5 1.03
sed -i 's/avx2/scalar/' "$work/build/slower-5"
expect 3 "$work/build" "$work/out" 3 2
grep -q 'differ in isa' "$work/err" || fail "programs that cannot be compared are not named"
expect 2 "$work/build"
expect 2 "$work/build" "$work/out" many
expect 2 "$work/build" "$work/out" 1 1 1

echo "$failures failures"
[ "$failures" -eq 0 ]
