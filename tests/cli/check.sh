#!/bin/sh
# --check: the kernels proven by the program itself; what it prints, and what it refuses.
# usage: check.sh BENCH_SIGEO
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS

fail() {
    echo "FAIL: $*"
    sed 's/^/    /' "$work/out" "$work/err"
    failures=$((failures + 1))
}

# run CODE ARGUMENT...
run() {
    code=$1
    shift
    "$bench" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ "$got" -eq "$code" ] || fail "exit $got instead of $code: $*"
}

# One kernel: a row for every usable bundle but ref, all proven.
run 0 --check='^f32_sgd_step$'
[ "$(head -n 1 "$work/out")" = 'op,tier,cases,worst_error,bound,verdict,seed,worst_seed' ] || fail "another header"
grep -q '^f32_sgd_step,scalar,[0-9]*,[0-9.e-]*,[0-9.e-]*,proven,0,0$' "$work/out" || fail "no scalar row"
tail -n +2 "$work/out" | grep -qv '^f32_sgd_step,[a-z0-9]*,.*,proven,0,0$' && fail "a row of another kind"
grep -q '^[1-9][0-9]* kernels proven, 0 not$' "$work/err" || fail "no summary"

# The same seed finds the same; another one draws other inputs.
cp "$work/out" "$work/first"
run 0 --check='^f32_sgd_step$' --seed 0
cmp -s "$work/first" "$work/out" || fail "the default seed is not 0"

# Samples: one case a seed; the worst one comes again with its own seed alone.
run 0 --check='^f32_sgd_step$' --isa scalar --seed 7 --seeds 60
grep -q '^f32_sgd_step,scalar,60,[0-9.e-]*,[0-9.e-]*,proven,7,[0-9]*$' "$work/out" || fail "no row of samples"
worst=$(sed -n '2s/^f32_sgd_step,scalar,60,\([^,]*\),.*/\1/p' "$work/out")
run 0 --check='^f32_sgd_step$' --isa scalar --seed "$(sed -n '2s/.*,//p' "$work/out")" --seeds 1
grep -q "^f32_sgd_step,scalar,1,$worst," "$work/out" || fail "the worst sample does not repeat"

# A pattern for two kernels; one bundle by name.
run 0 --check='^f32_(sgd|adagrad)_step$' --isa scalar
[ "$(wc -l <"$work/out")" -eq 3 ] || fail "not two rows"

run 2 --check=no_such_kernel
grep -q 'no kernel matches: no_such_kernel' "$work/err" || fail "does not name the pattern"
run 2 --check='('
grep -q 'malformed pattern' "$work/err" || fail "takes a malformed pattern"
[ -s "$work/out" ] && fail "prints rows for a malformed pattern"
run 2 --check f32_sgd_step # an optional value needs its =
run 2 --check --doctor

# What --list kernels shows is what --check=REGEX takes.
run 0 --list kernels
grep -q '^f32_sgd_step	ref scalar ' "$work/out" || fail "no row of f32_sgd_step"
[ "$(head -n 1 "$work/out" | cut -f 5)" = contract ] || fail "no column for contracts"
grep -q '^f32_sgd_step	.*	6	20$' "$work/out" || fail "no operations and bytes of f32_sgd_step"
tail -n +2 "$work/out" | cut -f 5 | grep -qv '^kernels/contract/[a-z0-9]*\.h$' && fail "a kernel without a contract"
[ "$failures" -eq 0 ] && echo "--check holds"
exit "$failures"
