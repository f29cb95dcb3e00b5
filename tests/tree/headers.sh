#!/bin/sh
# Every header compiles alone.
# usage: headers.sh CC [FLAG ...]
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 4
failures=0
count=0
machine=$("$@" -dumpmachine)
for header in $(find src kernels bench -name '*.h' | sort); do
    extra=
    case $machine:$header in
    x86_64*:kernels/neon/* | aarch64*:kernels/avx512*) continue ;; # the other one's intrinsics
    x86_64*:kernels/avx512bf16/*)
        echo | "$@" -mavx512bf16 -fsyntax-only -x c - 2>/dev/null || continue # unknown to the compiler
        extra='-DSGEO_TIER=avx512bf16 -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512bf16'
        ;;
    x86_64*:kernels/scalar/* | x86_64*:kernels/avx512/*)
        extra='-DSGEO_TIER=avx512 -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl'
        ;;
    *:kernels/scalar/* | *:kernels/neon/*) extra='-DSGEO_TIER=neon' ;;
    esac
    count=$((count + 1))
    # shellcheck disable=SC2086
    if ! printf '#include "%s"\n' "${header#src/}" |
        "$@" -std=c11 -D_POSIX_C_SOURCE=200809L -DSGEO_HAVE_MPI=0 -DSGEO_KERNELS_X86=1 $extra -Isrc -I. -fsyntax-only -x c - ; then
        echo "FAIL: $header does not compile alone"
        failures=$((failures + 1))
    fi
done
echo "$count headers, $failures do not compile alone"
[ "$failures" -eq 0 ]
