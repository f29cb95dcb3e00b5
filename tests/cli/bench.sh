#!/bin/sh
# --bench becomes bench_kernels: what it hands on. A script stands in for the real one, beside a copy of the program.
# usage: bench.sh BENCH_SIGEO
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
unset SIGEO_ISA
cp "$1" "$work/bench_sigeo"
printf '#!/bin/sh\nprintf "%%s\\n" "$@" ${SIGEO_ISA+"in $SIGEO_ISA"}\nexit 3\n' >"$work/bench_kernels"
chmod +x "$work/bench_kernels"

# expect WORDS ARGUMENT...: the arguments that bench_kernels gets; its exit code is the program's
expect() {
    words=$1
    shift
    "$work/bench_sigeo" "$@" >"$work/got" 2>"$work/err"
    code=$?
    if [ $code -ne 3 ] || [ "$(echo $(cat "$work/got"))" != "$words" ]; then
        echo "FAIL: $*: exit $code, handed on: $(cat "$work/got" "$work/err")"
        failures=$((failures + 1))
    fi
}

expect '' --bench
expect '--benchmark_filter=f32_.*/cold' --bench='f32_.*/cold'
expect 'in scalar' --bench --isa scalar
out=$work/new/folder
expect "--csv=$out/kernels.csv --benchmark_out=$out/kernels.json --benchmark_out_format=json" --bench --out "$out"
[ -d "$out" ] || {
    echo "FAIL: --bench does not make its folder"
    failures=$((failures + 1))
}
[ "$failures" -eq 0 ] && echo "--bench: ok"
exit "$failures"
