#!/bin/sh
# Table 3 on generated rows: one worker, two workers, and a run killed in its searches and in its trainings and resumed
# give the same bytes, time columns aside; it is printed again from its folder; models are trained by name, killed and
# resumed to the same bytes too.
# usage: table3.sh BENCH_SIGEO
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS
launch= # exec for a run in the background, so that its process is the program

fail() {
    echo "FAIL: $*"
    cat "$work/log"
    exit 1
}

# start OUT ARGUMENT...: ZiCo without warm-up in both spaces, five hand-crafted models, two seeds
start() {
    out=$1
    shift
    $launch "$bench" --table 3 --preset smoke --task kdd12 --warmup 0 --proxy zico-nasrec --batches 2 --batch-size 8 --seeds 2 \
        --quiet --out "$work/$out" "$@"
}

run() {
    start "$@" >"$work/stdout" 2>"$work/log"
}

# Columns 13 and 23 to 25 of table3.csv and the last but one of the other two are hours and seconds.
print_results() {
    (
        cd "$work/$1" || exit
        [ ! -e table3.csv ] || cut -d, -f1-12,14-22,26- table3.csv
        for file in models.csv searches/*/search.csv; do
            [ ! -e "$file" ] || sed 's/,[^,]*,\([a-z]*\)$/,\1/' "$file"
        done
        cat curves.csv
        cksum predictions/*
    )
}

# same OUT WORDS: as the run that was not disturbed
same() {
    print_results "$1" | cmp -s - "$work/want" || fail "$2"
}

run whole --workers 2 || fail "the undisturbed run"
print_results whole >"$work/want"
rows=$(wc -l <"$work/whole/table3.csv") # 7 methods: log loss, AUC, calibration and its error, cost; the best possible's two
[ "$rows" -eq 38 ] || fail "table3.csv has $rows lines, not one per method and metric"
grep -q '^3,zero-shot,0,0,ZiCo,NASRec-Full,KDD Cup 2012,auc,0\.' "$work/whole/table3.csv" || fail "a searched row has no AUC"
grep -q ',0.8177,generated,zico-nasrec,2,DLRM,' "$work/whole/table3.csv" || fail "the paper's value is not beside it"
grep -q 'ZiCo .* NASRec-Small .*against DLRM' "$work/stdout" || fail "the table is not printed"
grep -q 'cannot equal its own' "$work/stdout" || fail "the footer is not printed"
grep -q '"data": "generated"' "$work/whole/meta.json" || fail "meta.json does not say that rows are generated"
tail -n +2 "$work/whole/models.csv" | grep -qv ',ok$' && fail "a training diverged"
"$bench" --table 3 --from "$work/whole" >"$work/again" 2>"$work/log" || fail "printing from a folder"
tail -n +2 "$work/again" | grep -v '^Measured' >"$work/again.table"
grep -v '^Measured' "$work/stdout" | tail -n +2 | cmp -s - "$work/again.table" || fail "--from prints another table"

run whole && fail "a finished run was started over without --resume"
grep -q 'holds a run already' "$work/log" || fail "an existing run is not named"
run whole --resume || fail "resuming a finished run"
same whole "resuming a finished run changed it"
start whole --resume --dry-run >"$work/stdout" 2>"$work/log" || fail "a dry run"
grep -q 'kdd12: 2 searches of 48 evaluations, 2 of them done' "$work/stdout" || fail "the plan does not count what is done"

# killed COMMAND PAUSE...: run it in the background, killed after each pause
kills=0
killed() {
    command=$1
    shift
    launch=exec
    for pause in "$@"; do
        $command killed --resume --workers 2 >"$work/stdout" 2>"$work/log" &
        process=$!
        sleep "$pause"
        kill -9 $process 2>/dev/null && kills=$((kills + 1))
        wait $process 2>/dev/null
    done
    launch=
}

killed start 0.7 2 4 3
run killed --resume --workers 1 || fail "resuming after $kills kills"
same killed "the resumed run differs"
rm -r "$work/killed"

# Results that have lost their journal are not written over.
mv "$work/whole/journal.jsonl" "$work/journal"
run whole --resume
[ $? -eq 2 ] && grep -q 'holds results without their journal' "$work/log" || fail "results without a journal were written over"
mv "$work/journal" "$work/whole/journal.jsonl"
same whole "a refused run changed the results"

# A model by name is the one that the table trained.
printf 'dlrm\n' >"$work/models"
"$bench" --train-truth kdd12 --preset smoke --archs "$work/models" --quiet --out "$work/truth" >"$work/stdout" 2>"$work/log" ||
    fail "training a model by name"
cut -d, -f1-13 "$work/stdout" | tail -n 1 >"$work/dlrm"
grep '^kdd12,dlrm,0,' "$work/whole/models.csv" | cut -d, -f1-13 | cmp -s - "$work/dlrm" || fail "a model by name differs"

# All models, killed and resumed.
train() {
    out=$1
    shift
    $launch "$bench" --train-truth kdd12 --preset smoke --seeds 2 --quiet --out "$work/$out" "$@"
}
train trained --workers 1 >"$work/stdout" 2>"$work/log" || fail "training the standard models"
[ "$(wc -l <"$work/trained/models.csv")" -eq 15 ] || fail "models.csv has not one row per model and seed"
print_results trained >"$work/want"
killed train 0.5 1.5 3
train killed --resume >"$work/stdout" 2>"$work/log" || fail "resuming trainings after kills"
same killed "the resumed trainings differ"
echo "one worker, two workers, and after $kills kills: the same bytes"
