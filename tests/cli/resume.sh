#!/bin/sh
# Crash and resume: a run killed at random moments and resumed gives the same bytes as an undisturbed
# one; so do one worker, two workers and two MPI ranks (time columns aside). Failures end a run at once.
# usage: resume.sh BENCH_SIGEO
set -u
bench=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS
. "$here/tiny_data.sh"
tiny_data "$work/data"
launch= # exec for a run in the background, so that its process is the program

# start OUT ARGUMENT...: cold scores, a warm-up and inherited scores; long enough to be killed in its middle
start() {
    out=$1
    shift
    $launch "$bench" --table 2 --task nb201-cf10 --data "$work/data" --archs 8 --warmup 0,50 --epochs 4 --batches 2 --batch-size 4 --quiet \
        --out "$out" "$@"
}

run() {
    start "$@" >"$work/log" 2>&1
}

# Everything but the CPU seconds (column 13 of scores.csv).
fingerprint() {
    cut -d, -f1-12,14 "$1/scores.csv" | cat - "$1/table2.csv" | cksum
}

fail() {
    echo "FAIL: $*"
    cat "$work/log"
    exit 1
}

same() {
    [ "$(fingerprint "$1")" = "$want" ] || fail "$2"
}

run "$work/whole" --workers 2 || fail "the undisturbed run"
want=$(fingerprint "$work/whole")
[ "$(wc -l <"$work/whole/scores.csv")" -eq 65 ] || fail "scores.csv has not one row per level, architecture and proxy"

run "$work/one" --workers 1 || fail "one worker"
same "$work/one" "one worker computes other numbers than two"

run "$work/whole" && fail "a finished run was started over without --resume"
grep -q 'holds a run already' "$work/log" || fail "an existing run is not named"
run "$work/whole" --resume || fail "resuming a finished run"
same "$work/whole" "resuming a finished run changed it"

kills=0
launch=exec
for pause in 0.15 0.5 0.3; do
    start "$work/killed" --resume --workers 2 >"$work/log" 2>&1 &
    process=$!
    sleep $pause
    kill -9 $process 2>/dev/null && kills=$((kills + 1))
    wait $process 2>/dev/null
done
launch=
run "$work/killed" --resume --workers 2 || fail "resuming after $kills kills"
same "$work/killed" "the resumed run differs"

# A torn last journal line is what a crash inside a write leaves.
cp -r "$work/whole" "$work/torn"
truncate -s $(($(wc -c <"$work/torn/journal.jsonl") - 40)) "$work/torn/journal.jsonl"
run "$work/torn" --resume --workers 2 || fail "resuming a torn journal"
same "$work/torn" "the torn journal's run differs"

# A result folder grows: a run that asks for less still shows all of it, for the proxies asked for.
run "$work/sizes" --workers 2 --archs 5 || fail "the small run"
run "$work/sizes" --resume || fail "growing"
same "$work/sizes" "the grown run differs"
run "$work/sizes" --resume --archs 5 --proxy zico || fail "fewer proxies"
[ "$(wc -l <"$work/sizes/scores.csv")" -eq 17 ] || fail "scores.csv has not one row per level and architecture"
run "$work/sizes" --resume || fail "all proxies again"
same "$work/sizes" "the run with all proxies again differs"

# Other arguments, or other images, than the journal's.
run "$work/whole" --resume --batches 3
[ $? -eq 2 ] || fail "a journal of other arguments was accepted"
same "$work/whole" "a refused run changed the results"
tiny_data "$work/other"
tiny_records 500 20 >"$work/other/cifar-10-batches-bin/data_batch_3.bin"
run "$work/whole" --resume --data "$work/other"
[ $? -eq 2 ] && grep -q 'other images' "$work/log" || fail "a journal of other images was accepted"
same "$work/whole" "a refused run changed the results"

# A damaged checkpoint is found, not used: a flipped byte, then a wrong magic.
cp -r "$work/whole" "$work/damaged"
checkpoint=$(ls "$work"/damaged/checkpoints/*.ckpt)
grep -v '"job":"score".*"warmup":50,' "$work/damaged/journal.jsonl" >"$work/kept"
mv "$work/kept" "$work/damaged/journal.jsonl"
printf 'X' | dd of="$checkpoint" bs=1 seek=5000 conv=notrunc 2>/dev/null
run "$work/damaged" --resume --workers 2
[ $? -eq 4 ] && grep -q 'is damaged (checksum)' "$work/log" || fail "a damaged checkpoint was used"
printf 'X' | dd of="$checkpoint" bs=1 conv=notrunc 2>/dev/null
run "$work/damaged" --resume --workers 2
[ $? -eq 4 ] && grep -q 'wrong magic' "$work/log" || fail "a file that is no checkpoint was used"
[ "$(head -c 1 "$checkpoint")" = X ] || fail "a damaged checkpoint was written over"

# Ctrl-C ends within two seconds with 130 and a state that resumes. (A shell's background jobs ignore SIGINT, so the
# program is started in the foreground of a shell of its own.)
timeout --signal=INT 0.4 "$bench" --table 2 --task nb201-cf10 --data "$work/data" --archs 8 --warmup 0,50 --epochs 4 \
    --batches 2 --batch-size 4 --quiet --workers 2 --out "$work/interrupted" >"$work/log" 2>&1
code=$?
[ $code -eq 124 ] || [ $code -eq 0 ] || fail "Ctrl-C: timeout reports $code"
[ $code -eq 0 ] || grep -q 'interrupted' "$work/log" || fail "Ctrl-C is not said"
run "$work/interrupted" --resume --workers 2 || fail "resuming after Ctrl-C"
same "$work/interrupted" "the run after Ctrl-C differs"

# When a job fails the run ends, although another worker is in a training of hours.
mkdir -p "$work/stuck/checkpoints"
: >"$work/stuck/checkpoints/nb201-cf10-w1-s0.ckpt"
before=$(date +%s)
timeout 60 "$bench" --table 2 --task nb201-cf10 --data "$work/data" --archs 1 --warmup 1,100 --epochs 100000 --quiet \
    --workers 2 --out "$work/stuck" >"$work/log" 2>&1
[ $? -eq 4 ] && grep -q 'nb201-cf10-w1-s0.ckpt' "$work/log" || fail "a failed job does not end the run"
[ $(($(date +%s) - before)) -lt 20 ] || fail "a failed job ends the run late"

if command -v mpirun >/dev/null 2>&1 && "$bench" --doctor 2>/dev/null | grep -q 'MPI  *built in'; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    bench_of_one=$bench
    bench=mpi_bench
    mpi_bench() {
        timeout 120 mpirun --oversubscribe -np 2 "$bench_of_one" "$@" --workers 1
    }
    run "$work/mpi" || fail "two MPI ranks"
    same "$work/mpi" "two MPI ranks compute other numbers"
    run "$work/mpi"
    [ $? -eq 2 ] && grep -q 'holds a run already' "$work/log" || fail "a failure of one rank does not end the others"
    ranks="and two MPI ranks"
else
    ranks="(MPI skipped: no mpirun, or not in this build)"
fi
echo "resumed after $kills kills, one worker, two workers $ranks: the same bytes"
