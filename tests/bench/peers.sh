#!/bin/sh
# The scripts of bench/peers as programs: what they write, and the codes they end with; peer_forms.py
# holds their parts to their promises. Times mean nothing here.
# usage: peers.sh BENCH_KERNELS
# Exit 77 (skipped) without a Python that has torch and numpy.
set -u
bench=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
for python in python3 /usr/bin/python3 none; do
    "$python" -c 'import numpy, torch' 2>/dev/null && break
done
[ "$python" != none ] || exit 77
export PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# expect CODE SCRIPT ARGUMENT...
expect() {
    code=$1
    script=$2
    shift 2
    "$python" "$root/bench/peers/$script" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ "$got" -eq "$code" ] || {
        fail "exit $got instead of $code: $script $*"
        sed 's/^/    /' "$work/err"
    }
}

says() {
    grep -q -- "$1" "$work/err" || {
        fail "nothing says '$1'"
        sed 's/^/    /' "$work/err"
    }
}

"$python" "$root/tests/bench/peer_forms.py" >"$work/out" 2>&1 || {
    fail "peer_forms.py"
    sed 's/^/    /' "$work/out"
}

# --- kernels.py with the program itself ---
mkdir "$work/shapes"
cat >"$work/shapes/tiny.txt" <<'SHAPES'
# a comment
f32_sgd_step n=1003
f32_embbag rows=50 dim=16 batch=7  bag=3
f32_embbag_grad rows=50 dim=16 batch=7 bag=3 idx=zipf:1.05
f32_row_moments tables=2 rows=50 dim=16 lookups=7
f32_grad_moments k=2 n=1003
f32_embbag rows=20000 dim=16 batch=4096 bag=4
SHAPES
tiny="--shapes $work/shapes --rounds 3 --min-time 0.0005"
expect 0 kernels.py --bench "$bench" $tiny --out "$work/peers"
awk -F, 'NR == 1 && $0 != "kernel,isa,cache,shape,goal,peer,best,error,agrees,seconds_ours,seconds_peer,ratio,ci_low,ci_high,rounds" { exit 1 }
    NR > 1 { key = $1 $3 $4; cases[key]; best[key] += $(NF - 8) == "yes" }
    NR > 1 && ($(NF - 6) != "yes" || !($(NF - 2) <= $(NF - 3) && $(NF - 3) <= $(NF - 1)) || $NF != 3) { exit 1 }
    END { for (key in cases) { n++; if (best[key] != 1) exit 1 } exit n != 5 }' "$work/peers/kernels.csv" || {
    fail "kernels.csv is not what results/schema.md says"
    sed 's/^/    /' "$work/peers/kernels.csv"
}
grep -q '"torch": "' "$work/peers/kernels_meta.json" || fail "the peer's version is not recorded"
says '^f32_embbag: 2 cases'
[ "$(grep -c 'dense, bench_kernels' "$work/peers/kernels.csv")" -eq 1 ] || fail "our dense kernel is not compared with"

expect 0 kernels.py --bench "$bench" $tiny --cache cold,hot --filter 'embbag rows=20000'
[ "$(grep -c ',yes,.*,yes,' "$work/out")" -eq 2 ] || fail "cold inputs are not compared"

expect 2 kernels.py --bench "$bench" --shapes "$work/shapes" --filter no_such_kernel
expect 2 kernels.py --no-such-option
expect 2 kernels.py --cache warm
expect 2 kernels.py --filter '('
expect 3 kernels.py --bench "$work/none" $tiny
expect 3 kernels.py --bench "$bench" --python "$work/none" $tiny
expect 3 kernels.py --bench "$bench" --python false $tiny
expect 2 kernels.py --bench "$bench" $tiny --isa no_such_isa
expect 4 kernels.py --bench "$bench" --shapes "$work/none"

# --- programs that go wrong ---
# stub LINE: a bench_kernels whose one result is that line.
stub() {
    cat >"$work/stub" <<STUB
#!/bin/sh
for word; do
    case \$word in
    --benchmark_list_tests) echo f32_embbag/scalar/hot/rows:50/dim:16/batch:7/bag:3 ;;
    esac
    case \$last in
    --csv) printf '%s\n%s\n' name,isa,status,sets,seconds_median,failure '$1' >"\$word" ;;
    esac
    last=\$word
done
STUB
    chmod +x "$work/stub"
}
name=f32_embbag/scalar/hot/rows:50/dim:16/batch:7/bag:3
stub "$name,scalar,ok,1,0.25,"
expect 0 kernels.py --bench "$work/stub" $tiny --filter '^f32_embbag rows=50'
grep -q '^f32_embbag,scalar,hot,rows=50 dim=16 batch=7 bag=3,1.25,torch embedding_bag int[0-9]*,yes,.*,yes,0.25,' "$work/out" ||
    fail "seconds of bench_kernels are not its own"
stub "$name,scalar,failed,,,not proven: lane 3"
expect 1 kernels.py --bench "$work/stub" $tiny --filter '^f32_embbag rows=50'
says 'not proven: lane 3'
stub "$name,scalar,failed,,,out of memory"
expect 4 kernels.py --bench "$work/stub" $tiny --filter '^f32_embbag rows=50'
stub "other,scalar,ok,1,0.25,"
expect 4 kernels.py --bench "$work/stub" $tiny --filter '^f32_embbag rows=50'
says 'no row'

# --- compare.py between two stubs: ours takes 1 s, the peer 2 s an architecture ---
cat >"$work/both" <<'STUB'
#!/bin/sh
case $1 in
--score) echo arch,score,seconds_cpu ;;
*.py) echo arch,style,layout,seconds_cpu,zico ;;
*) exit 0 ;;
esac
while read -r arch; do
    case $1 in
    --score) echo "$arch,100.01,1" ;;
    *) echo "$arch,best,nchw,2,${ZICO:-100}" ;;
    esac
done
STUB
chmod +x "$work/both"
pairs="--bench $work/both --python $work/both --count 50 --per-class 0 --cold-tries 0 --block 50"
expect 0 compare.py $pairs --out "$work/pairs"
grep -q '^steady,best,all,50,2,2,2,' "$work/pairs/summary.csv" || fail "compare.py finds another ratio"
says 'at least 2.00x the best style'
export ZICO=101
expect 1 compare.py $pairs
unset ZICO
says 'scores disagree'
expect 3 compare.py $pairs --bench "$work/none"
expect 4 compare.py $pairs --python false
expect 2 compare.py --count 3

echo "$failures failures"
[ "$failures" -eq 0 ]
