#!/bin/sh
# From a fresh Debian 12 or 13 to bench_sigeo and bench_kernels built, run or tested.
#
#   ./setup.sh build|run|test [--no-install] [-DNAME=VALUE ...]
#
# Exit codes: 0 ok, 1 the build or a test failed, 2 usage, 3 no Debian, 4 packages cannot be installed;
# after `run`, those of bench_sigeo.
set -eu

# The one list of packages: exactly what CMakeLists.txt looks for. libc6-dev is named because gcc
# only recommends it; libgomp comes with gcc. g++ and libbenchmark-dev are for bench_kernels alone.
BUILD_PACKAGES="cmake ninja-build gcc g++ libc6-dev pkgconf libdnnl-dev libcsv-dev libjansson-dev
    zlib1g-dev nettle-dev libopenblas-dev liblapacke-dev libhwloc-dev
    libbenchmark-dev"
RUN_PACKAGES="dataset-fashion-mnist"
TEST_PACKAGES="check"
# Without these some tests are skipped: AVX-512 by emulation, older CPUs by emulation.
OPTIONAL_TEST_PACKAGES="libsimde-dev qemu-user-static"
# Without these the program is built without MPI.
OPTIONAL_PACKAGES="libopenmpi-dev openmpi-bin"

say() {
    printf 'setup: %s\n' "$*" >&2
}

# die CODE MESSAGE
die() {
    code=$1
    shift
    say "$*"
    exit "$code"
}

usage() {
    die 2 "usage: ./setup.sh build|run|test [--no-install] [-DNAME=VALUE ...]"
}

# Names of $* that dpkg does not have installed, one a line.
missing_of() {
    for package in "$@"; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=absent
        [ "$status" = installed ] || printf '%s\n' "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null 2>&1
}

# check_can_install REQUIRED
check_can_install() {
    command -v apt-get >/dev/null 2>&1 ||
        die 3 "no apt-get here: install the packages by hand, then use --no-install; hint: they are named at the top of setup.sh"
    can_be_root ||
        die 4 "cannot install ${1% }: neither root nor sudo; hint: run as root, or install by hand"
}

# Those of $* that the package lists offer.
available_of() {
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            printf '%s\n' "$package"
        else
            say "$package is not offered here; going on without it"
        fi
    done
}

# install_missing REQUIRED OPTIONAL (each a list of names)
install_missing() {
    # shellcheck disable=SC2086 # lists of names are meant to split
    required=$(missing_of $1 | tr '\n' ' ') optional=$(missing_of $2 | tr '\n' ' ')
    [ -n "$required$optional" ] || return 0
    if [ -z "$required" ] && ! can_be_root; then
        say "neither root nor sudo; going on without ${optional% }"
        return 0
    fi
    check_can_install "$required"
    say "will install with apt-get, as root: $required$optional"
    as_root apt-get update -qq || say "apt-get update failed; trying with the lists at hand"
    # shellcheck disable=SC2086
    optional=$(available_of $optional | tr '\n' ' ')
    # shellcheck disable=SC2086
    as_root apt-get install -y -qq --no-install-recommends $required $optional >&2 ||
        die 4 "apt-get could not install them; hint: read its message above"
}

# Say what --no-install leaves out, and let CMake judge.
report_missing() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    # shellcheck disable=SC2086
    absent=$(missing_of $1 | tr '\n' ' ')
    [ -z "$absent" ] || say "not installed as packages: $absent"
}

# build TESTS(ON|OFF) [-DNAME=VALUE ...]
build() {
    tests=$1
    shift
    command -v cmake >/dev/null 2>&1 ||
        die 4 "cmake is missing; hint: run without --no-install"
    cmake --preset release -DBUILD_TESTING="$tests" "$@" >&2 ||
        die 1 "cmake could not configure build/; hint: remove build/, run without --no-install, or leave MPI out with -DSGEO_MPI=OFF"
    cmake --build --preset release >&2 || die 1 "the build failed; hint: the first error above"
}

run() {
    [ -x build/bench_sigeo ] || die 1 "build/bench_sigeo was not built"
    exec build/bench_sigeo --table 2
}

run_tests() {
    ctest --preset release -j "$(nproc)" ||
        die 1 "tests failed; hint: ctest --preset release --rerun-failed"
}

[ $# -ge 1 ] || usage
action=$1
shift
case $action in
build) packages="$BUILD_PACKAGES" tests=OFF ;;
run) packages="$BUILD_PACKAGES $RUN_PACKAGES" tests=OFF ;;
test)
    packages="$BUILD_PACKAGES $RUN_PACKAGES $TEST_PACKAGES" tests=ON
    OPTIONAL_PACKAGES="$OPTIONAL_PACKAGES $OPTIONAL_TEST_PACKAGES"
    ;;
*) usage ;;
esac

install=yes
for option in "$@"; do
    shift
    case $option in
    --no-install) install=no ;;
    -D?*=*) set -- "$@" "$option" ;;
    *) usage ;;
    esac
done

cd "$(dirname "$0")"
if [ "$install" = yes ]; then
    install_missing "$packages" "$OPTIONAL_PACKAGES"
else
    report_missing "$packages"
fi
build "$tests" "$@"
case $action in
run) run ;;
test) run_tests ;;
esac
