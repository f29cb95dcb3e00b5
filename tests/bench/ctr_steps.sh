#!/bin/sh
# The PyTorch peer of the steps of click-through models: computes what bench_kernels does, in all
# styles, and the comparison notices when it does not. Times mean nothing here. Skipped without torch.
# usage: ctr_steps.sh BENCH_KERNELS
set -u
bench=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
export PYTHONDONTWRITEBYTECODE=1

python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import numpy, torch' 2>"$work/import" && python=$candidate && break
done
[ -n "$python" ] || {
    echo "SKIP: no torch: $(tail -n 1 "$work/import")"
    exit 77
}

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# expect CODE ARGUMENT...: a comparison on tiny inputs
expect() {
    code=$1
    shift
    python3 "$root/bench/peers/ctr_steps.py" --python "$python" --rows 50 --batch 8 --rounds 1 --repeat 1 \
        --min-time 0.001 "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ "$got" -eq "$code" ] || {
        fail "exit $got instead of $code: $*"
        sed 's/^/    /' "$work/err"
    }
}

expect 0 --bench "$bench" --steps dlrm,dcnv2,dcnv2-hot,nasrec,sigeo,sigeo-mlp --out "$work/peers"
[ "$(grep -c ',yes,' "$work/peers/ctr_pairs.csv")" -eq 17 ] ||
    fail "six steps in three styles, one of them in two, do not all agree"
[ "$(wc -l <"$work/peers/ctr_summary.csv")" -eq 18 ] || fail "the summary lacks rows"
grep -q '"bench_kernels": "bench_kernels ' "$work/peers/ctr_meta.json" || fail "no version in ctr_meta.json"
grep -q '"numpy_huge_pages": ' "$work/peers/ctr_meta.json" || fail "huge pages are not recorded"

# The supernet has 31 million numbers, whatever the tables.
expect 0 --bench "$bench" --steps supernet-full --styles best
grep -q '^supernet-full,best,0,.*,yes,' "$work/out" || fail "the whole supernet is not compared"
expect 0 --bench "$bench" --steps supernet-path
[ "$(grep -c '^supernet-path,.*,yes,' "$work/out")" -eq 3 ] || fail "a path of the supernet does not agree"

# A program that is as fast, and wrong.
cat >"$work/wrong" <<'EOF'
#!/bin/sh
while [ "$1" != --csv ]; do shift; done
printf 'seconds_median,value,terms\n0.1,0.7,network_squares=1 table_squares=1 table_moves=1\n' >"$2"
EOF
chmod +x "$work/wrong"
expect 1 --bench "$work/wrong" --steps dlrm --styles best
grep -q '^dlrm,best,0,.*,no,' "$work/out" || fail "a wrong value agrees"
grep -q 'values disagree: dlrm style best: 0.7 against' "$work/err" || fail "a wrong value is not named"

# A peer that leaves out a write to the tables, the one of the sums of squares (LAZY=0) or that of the
# moved rows (LAZY=1): the loss does not tell.
cat >"$work/lazy.py" <<'EOF'
import itertools, os, pathlib, runpy, sys, torch
calls, write = itertools.count(), torch.Tensor.index_copy_
torch.Tensor.index_copy_ = lambda self, *rest: (
    self if next(calls) % 2 == int(os.environ["LAZY"]) else write(self, *rest))
del sys.argv[0]
sys.path.insert(0, str(pathlib.Path(sys.argv[0]).parent))
runpy.run_path(sys.argv[0], run_name="__main__")
EOF
printf '#!/bin/sh\nexec %s %s "$@"\n' "$python" "$work/lazy.py" >"$work/lazy"
chmod +x "$work/lazy"
for LAZY in 0 1; do
    export LAZY
    expect 1 --bench "$bench" --python "$work/lazy" --rows 5000 --steps dlrm --styles best
    awk -F, 'NR == 2 && ($5 - $6) ^ 2 > (1e-4 * $5) ^ 2 { exit 1 }' "$work/out" || fail "the loss tells LAZY=$LAZY"
    grep -q '^dlrm,best,0,.*,no,' "$work/out" || fail "a write left out agrees: LAZY=$LAZY"
done
expect 0 --bench "$bench" --rows 5000 --steps dlrm --styles best

expect 2 --bench "$bench" --steps dlmr
expect 3 --bench "$work/none" --steps dlrm
printf '#!/bin/sh\nexit 1\n' >"$work/wrong"
expect 4 --bench "$work/wrong" --steps dlrm

echo "$failures failures"
[ "$failures" -eq 0 ]
