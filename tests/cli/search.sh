#!/bin/sh
# Searches over NASRec on generated click-through rows: one worker, two workers, and a run killed in its warm-up and in its
# evaluations and resumed give the same bytes, time column aside; bad input ends with its exit code and one line.
# usage: search.sh BENCH_SIGEO
set -u
bench=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS
level=10
launch= # exec for a run in the background, so that its process is the program

fail() {
    echo "FAIL: $*"
    cat "$work/log"
    exit 1
}

# start OUT ARGUMENT...: six of 62 steps of warm-up, 48 evaluations
start() {
    out=$1
    shift
    $launch "$bench" --search nasrec-small --by sigeo --preset smoke --warmup "$level" --batches 2 --batch-size 8 --quiet \
        --out "$work/$out" "$@"
}

run() {
    start "$@" >"$work/stdout" 2>"$work/log"
}

# refused CODE WORDS ARGUMENT...: of the last run's stderr
refused() {
    code=$1
    words=$2
    shift 2
    "$@"
    got=$?
    [ $got -eq "$code" ] || fail "exit $got instead of $code: $*"
    grep -qE -e "$words" "$work/log" || fail "stderr does not say '$words': $*"
    [ "$(grep -c '^bench_sigeo: ' "$work/log")" -eq 1 ] || fail "not one error line: $*"
}

# Everything but the CPU seconds.
fingerprint() {
    sed 's/,[^,]*,\([a-z]*\)$/,\1/' "$work/$1/search.csv" "$work/$1/search_best.csv" | cksum
}

same() {
    [ "$(fingerprint "$1")" = "$want" ] || fail "$2"
}

run whole --workers 2 || fail "the undisturbed run"
want=$(fingerprint whole)
[ "$(wc -l <"$work/whole/search.csv")" -eq 49 ] || fail "search.csv has not one row per candidate"
cmp -s "$work/stdout" "$work/whole/search_best.csv" || fail "stdout is not search_best.csv"
grep -q '"data": "generated"' "$work/whole/meta.json" || fail "meta.json does not say that rows are generated"

run one --workers 1 || fail "one worker"
same one "one worker finds other scores than two"
cmp -s "$work/whole/checkpoints/nasrec-small-criteo-w10-s0.ckpt" "$work/one/checkpoints/nasrec-small-criteo-w10-s0.ckpt" ||
    fail "two warm-ups of the same settings differ"
rm -r "$work/one" # a checkpoint is a quarter of a gigabyte

refused 2 'holds a run already' run whole
run whole --resume || fail "resuming a finished run"
same whole "resuming a finished run changed it"
refused 2 'other arguments' run whole --resume --batches 3
refused 2 'other arguments' run whole --resume --split chronological
same whole "a refused run changed the results"

kills=0
launch=exec
for pause in 0.4 1.5 1 2; do
    start killed --resume --workers 2 >"$work/stdout" 2>"$work/log" &
    process=$!
    sleep $pause
    kill -9 $process 2>/dev/null && kills=$((kills + 1))
    wait $process 2>/dev/null
done
launch=
run killed --resume || fail "resuming after $kills kills"
same killed "the resumed run differs"
rm -r "$work/killed"

# A damaged checkpoint is found, not used.
mkdir -p "$work/damaged/checkpoints"
mv "$work/whole/checkpoints/nasrec-small-criteo-w10-s0.ckpt" "$work/damaged/checkpoints"
printf 'X' | dd of="$work/damaged/checkpoints/nasrec-small-criteo-w10-s0.ckpt" bs=1 seek=5000 conv=notrunc 2>/dev/null
refused 4 'is damaged \(checksum\)' run damaged

# Rows of a data folder: none, a bad one among them, too few.
mkdir -p "$work/data/criteo"
refused 4 'criteo needs .*criteo/train.txt' run none --data "$work/data"
"$bench" --search nasrec-small --preset smoke --dry-run --out "$work/none" >"$work/stdout" 2>"$work/log" || fail "a dry run"
grep -q 'search of nasrec-small on criteo by sigeo: 48 evaluations' "$work/stdout" || fail "the plan is not printed"
[ -e "$work/none" ] && fail "a run that could not start left a result folder"
train=$(ls -d "$work"/whole/clicks/ctr-synth-*)/criteo/train.txt
{
    head -n 4 "$train"
    printf '2\tnot a row\n'
    sed -n '5,1500p' "$train"
} >"$work/data/criteo/train.txt"
refused 4 'train.txt:5' run real --data "$work/data"
level=0
run real --data "$work/data" --skip-bad 1 || fail "one bad row was not passed over"
grep -q '"bad_rows": 1' "$work/real/meta.json" || fail "the bad row is not counted"
grep -q '"data": "real"' "$work/real/meta.json" || fail "meta.json does not say that rows are real"
cp "$root/datasets/criteo/fixture.txt" "$work/data/criteo/train.txt"
refused 2 'criteo has 32 for training' run few --data "$work/data"

say() {
    "$bench" "$@" >"$work/stdout" 2>"$work/log"
}
refused 2 'unknown space to search: nasrec-tiny' say --search nasrec-tiny
refused 2 '--by evolution' say --search nasrec-small --by evolution
refused 2 'not nb201-cf10' say --search nasrec-small --task nb201-cf10
refused 2 'unknown task: critoe' say --search nasrec-small --task critoe
refused 2 'one task' say --search nasrec-small --task criteo,avazu
refused 2 'criteo is given twice' say --search nasrec-small --task criteo,criteo
refused 2 'criteo is a click-through task' say --table 2 --task criteo
refused 2 'sigeo-nasrec scores click-through models' say --table 2 --proxy sigeo-nasrec
refused 2 '--by says how to search' say --table 2 --by zico
refused 2 'not sigeo-eq6' say --search nasrec-small --by zico --proxy sigeo-eq6
refused 2 'judges by a loss' say --search nasrec-small --by oneshot --lambda 1,1,1
refused 2 'one warm-up level' say --search nasrec-small --warmup 0,1
level=0.1
refused 2 'is less than one' run level
refused 2 'unknown split: random' say --search nasrec-small --split random
refused 2 'number of bad rows: some' say --search nasrec-small --skip-bad some
refused 2 'no click-through rows' say --search nasrec-small --data formula

for word in nasrec-full sigeo-nasrec kdd12; do
    { "$bench" --list spaces && "$bench" --list proxies && "$bench" --list tasks; } | grep -q "^$word	" ||
        fail "$word is not listed"
done
echo "one worker, two workers, and after $kills kills: the same search"
