#!/bin/sh
# bench_kernels as a program: lists, times, writes its CSV and Google's JSON, ends with the right code.
# Times mean nothing here.
# usage: bench_kernels.sh BENCH_KERNELS
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# expect CODE ARGUMENT...
expect() {
    code=$1
    shift
    "$bench" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ "$got" -eq "$code" ] || {
        fail "exit $got instead of $code: $*"
        sed 's/^/    /' "$work/err"
    }
}

mkdir "$work/shapes"
printf 'f32_sgd_step n=1003\nf32_avgpool n=1 c=8 hw=5 k=3 lanes=8\n' >"$work/shapes/tiny.txt"
quick="--benchmark_min_time=0.001s --no-roofs --shapes $work/shapes"

expect 0 --version
expect 0 --help
grep -q -- '--benchmark_filter' "$work/out" || fail "--help leaves out the library's options"
expect 0 --benchmark_list_tests
grep -q '^f32_sgd_step/scalar/cold/' "$work/out" || fail "a case is missing from the list"
grep -q '^step_zico/' "$work/out" || fail "the steps are missing from the list"
expect 0 --benchmark_list_tests --benchmark_filter=-^f32_
! grep -q '^f32_' "$work/out" || fail "a minus sign does not select the others"

expect 0 $quick --csv "$work/k.csv" --benchmark_filter=f32_ --benchmark_out="$work/k.json" --benchmark_repetitions=2
grep -q '^f32_sgd_step/scalar/hot/n:1003 ' "$work/out" || fail "the console lacks a case"
grep -q '"GFLOP/s"' "$work/k.json" || fail "the JSON lacks the counters"
grep -q '"revision"' "$work/k.json" || fail "the JSON lacks the revision"
grep -q '^f32_avgpool/scalar/cold/n:1/c:8/hw:5/k:3/lanes:8,f32_avgpool,scalar,cold,n=1 c=8 hw=5 k=3 lanes=8,ok,2,' "$work/k.csv" ||
    fail "the CSV lacks a case"
awk -F, 'NF != 27 { exit 1 }' "$work/k.csv" || fail "the CSV has rows of other than 27 fields"
[ "$(wc -l <"$work/k.csv")" -eq $(($(grep -c '"run_type": "iteration"' "$work/k.json") / 2 + 1)) ] ||
    fail "the CSV has another number of cases than the JSON"

expect 0 $quick --csv "$work/s.csv" --step 'step_train model=dlrm rows=50 batch=8' --benchmark_filter=^step_
grep -q 'rows/s=' "$work/out" || fail "the console lacks a step's rate"
grep -q '^step_train/[a-z0-9]*/hot/model:dlrm/rows:50/batch:8,step_train,[a-z0-9]*,hot,model=dlrm rows=50 batch=8,ok,' \
    "$work/s.csv" || fail "the CSV lacks the step"
[ "$(wc -l <"$work/s.csv")" -eq 2 ] || fail "--step leaves other steps in the list"
expect 1 $quick --step 'step_train model=dlrm rows=50 batch=8 stepz=1' --benchmark_filter=^step_
grep -q 'stepz' "$work/out" || fail "a misspelt argument of a step is not named"
expect 2 $quick --step 'step_trot model=dlrm'
grep -q "unknown step 'step_trot'" "$work/err" || fail "an unknown step is not named"
expect 2 --gate --step 'step_train model=dlrm rows=50 batch=8'

# What is wrong on the command line shows before the roofs are measured, which takes a while.
unmeasured() {
    ! grep -q 'clock tick' "$work/err" || fail "roofs were measured for: $*"
}

expect 2 --benchmark_filter=no_such_kernel
grep -q "^bench_kernels: no benchmark matches 'no_such_kernel'$" "$work/err" || fail "the filter that matches nothing is not named"
[ "$(grep -vc '^hint: ' "$work/err")" -eq 1 ] || fail "more than one line for a filter that matches nothing"
unmeasured a filter that matches nothing
expect 2 '--benchmark_filter=f32_('
grep -q 'malformed --benchmark_filter' "$work/err" || fail "a malformed filter is not called so"
unmeasured a malformed filter
expect 2 --gate --calls 1 --benchmark_filter=no_such_kernel
expect 4 --csv "$work/none/k.csv" --benchmark_filter=f32_sgd
unmeasured an unwritable CSV
expect 2 --no-such-option
expect 2 --benchmark_no_such_option
expect 4 --no-roofs --shapes "$work/none"
expect 4 $quick --csv "$work/none/k.csv" --benchmark_filter=f32_sgd
grep -q 'none/k.csv' "$work/err" || fail "an unwritable CSV is not named"
printf 'f32_sgd_step n=1003 momentun=1\n' >"$work/shapes/tiny.txt"
expect 1 $quick --benchmark_filter=f32_sgd
grep -q 'momentun' "$work/out" || fail "a misspelt argument is not named"
printf 'f32_sgd_stop n=1003\n' >"$work/shapes/tiny.txt"
expect 2 $quick
grep -q 'tiny.txt:1: unknown kernel' "$work/err" || fail "an unknown kernel is not named"

echo "$failures failures"
[ "$failures" -eq 0 ]
