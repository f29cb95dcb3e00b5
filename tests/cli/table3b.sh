#!/bin/sh
# Table 3b on generated rows: one worker, two workers, and a run killed in its trainings, warm-ups and scores and resumed
# give the same bytes, seconds aside; what --train-truth trained counts; it is printed again from its folder.
# usage: table3b.sh BENCH_SIGEO
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS
launch= # exec for a run in the background, so that its process is the program
. "$(dirname "$0")/kills.sh"

fail() {
    echo "FAIL: $*"
    cat "$work/log"
    exit 1
}

# start OUT ARGUMENT...: three architectures of the small space, cold and at 10 %, all proxies
sed 's/^/nasrec-small /; s/X/F,E|16,16|-|0;0;0,0/g' >"$work/archs" <<'ARCHS'
X F,E|32,16|-|1;1;0,0 F,E|16,16|-|0,1;0;0,0 X X X F,E|16,16|-|2;1;0,0
D,E|16,16|-|0;0;0,0 F,E|32,16|f|1;1;0,0 X X X X F,E|64,16|-|2;1;0,0
F,E|16,16|i|0;0;0,0 D,E|32,16|-|1;1;0,0 X X X X F,E|128,32|-|2;1;0,0
ARCHS
start() {
    out=$1
    shift
    $launch "$bench" --table 3b --preset smoke --task kdd12 --archs "$work/archs" --batches 2 --batch-size 8 --quiet \
        --out "$work/$out" "$@"
}

run() {
    start "$@" >"$work/stdout" 2>"$work/log"
}

# The last column but one of models.csv and but three of scores.csv are seconds.
print_results() {
    (
        cd "$work/$1" || exit
        cat table3b.csv curves.csv
        sed 's/,[^,]*,\([a-z]*\)$/,\1/' models.csv
        sed 's/,[^,]*,\([a-z]*,[a-z]*,[a-z0-9]*\)$/,\1/' scores.csv
    )
}

same() {
    print_results "$1" | cmp -s - "$work/want" || fail "$2"
}

start whole --dry-run >"$work/stdout" 2>"$work/log" || fail "a dry run"
grep -q 'kdd12, nasrec-small: 3 architectures, 6 trainings from scratch; 1 warm-ups, 6 scored architectures by 8 proxies' \
    "$work/stdout" || fail "the plan"
[ ! -e "$work/whole" ] || fail "a dry run left a folder"
run whole --workers 2 || fail "the undisturbed run"
print_results whole >"$work/want"
rm -r "$work/whole/checkpoints" # a quarter of a gigabyte
for proxy in sigeo-nasrec sigeo-eq6 sigeo-eq6-head zico zico-nasrec oneshot params flops; do
    [ "$(grep -c "^3b,kdd12,$proxy,.*,test,kendall,.*,generated,computed,,,,0,nasrec-small,f32$" "$work/whole/table3b.csv")" -eq 2 ] ||
        fail "no correlations of $proxy"
    [ "$(grep -c ",$proxy,10,supernet,6,0," "$work/whole/scores.csv")" -eq 3 ] || fail "no warm scores of $proxy"
done
[ "$(grep -c ',regret_to_bayes,0\.' "$work/whole/table3b.csv")" -eq 32 ] || fail "no regret to the Bayes loss"
grep -q '^kdd12, nasrec-small against test log loss, warm-up mode supernet, 1 seed, generated rows$' "$work/stdout" ||
    fail "the table is not printed"
"$bench" --table 3b --from "$work/whole" >"$work/again" 2>"$work/log" || fail "printing from a folder"
grep -v '^Measured' "$work/again" >"$work/again.table"
grep -v '^Measured' "$work/stdout" | cmp -s - "$work/again.table" || fail "--from prints another table"

# The journal of scores is there from the first warm-up on.
trained=$work/killed/journal.jsonl
scored=$work/killed/scores/journal.jsonl
kill_when trainings '[ "$(lines "$trained")" -gt 1 ]' start killed --resume --workers 2
[ "$(lines "$trained")" -lt 7 ] || fail "the first kill was behind the trainings"
kill_when warm-ups '[ -s "$scored" ]' start killed --resume --workers 2
[ "$(lines "$scored")" -le 1 ] || fail "the second kill was behind the warm-ups"
kill_when scores '[ "$(lines "$scored")" -gt 1 ]' start killed --resume --workers 2
[ "$(lines "$scored")" -lt 7 ] || fail "the third kill was behind the scores"
run killed --resume --workers 1 || fail "resuming after $kills kills"
same killed "the resumed run differs"
rm -r "$work/killed"

# Ground truth of both spaces that was measured before: the second seed is all that is left to train.
"$bench" --train-truth kdd12 --preset smoke --archs 2 --quiet --out "$work/truth" >"$work/stdout" 2>"$work/log" ||
    fail "measuring ground truth"
before=$(wc -l <"$work/truth/journal.jsonl")
"$bench" --table 3b --preset smoke --task kdd12 --archs 2 --warmup 0 --proxy sigeo,params --batches 2 --batch-size 8 --quiet \
    --out "$work/truth" --resume >"$work/stdout" 2>"$work/log" || fail "a table 3b in the folder of its ground truth"
[ $(($(wc -l <"$work/truth/journal.jsonl") - before)) -eq 4 ] || fail "ground truth was measured again"
for space in small full; do
    grep -q "^3b,kdd12,sigeo-nasrec,0,none,0,test,spearman,.*,nasrec-$space,f32$" "$work/truth/table3b.csv" || fail "no rows of nasrec-$space"
done
echo "one worker, two workers, after $kills kills and on ground truth at hand: the same bytes"
