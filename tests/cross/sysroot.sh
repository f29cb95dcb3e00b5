#!/bin/sh
# Fill DIR with Debian's arm64 libraries, without touching the system's own packages.
#
#   tests/cross/sysroot.sh DIR
#
# Needs apt-get and dpkg-deb, no root. The archives come from the machine's own sources, chosen and
# checked by an apt that keeps its lists, cache and status in DIR/.apt while it runs. A complete DIR is
# left as it is; remove it to fetch anew. Exit codes: 0 ok, 2 usage, 3 no Debian, 4 a failed download.
set -eu

PACKAGES="libc6-dev libdnnl-dev libcsv-dev libjansson-dev zlib1g-dev nettle-dev
    libopenblas-pthread-dev liblapacke-dev libhwloc-dev check libsubunit-dev libgomp1"

say() {
    printf 'sysroot: %s\n' "$*" >&2
}

# die CODE MESSAGE
die() {
    code=$1
    shift
    say "$*"
    exit "$code"
}

# An apt of its own: the machine's sources and keys, nothing else of its state.
apt_arm64() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o Dir::Log="$state" -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 \
        -o APT::Update::Post-Invoke::= -o APT::Update::Post-Invoke-Success::= \
        -o Acquire::Languages=none "$@"
}

# Download PACKAGES and what they need, and unpack all of it.
fetch() {
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : >"$state/status"
    apt_arm64 update >&2 || die 4 "apt-get update for arm64 failed; hint: its message above"
    # shellcheck disable=SC2086 # a list of names is meant to split
    apt_arm64 install -y --print-uris --no-install-recommends $PACKAGES >"$state/wanted" ||
        die 4 "not all packages are offered for arm64; hint: apt-get's message above"
    awk '{ n++; bytes += $3; print "sysroot:   " $2 }
         END { printf "sysroot: fetching these %d archives, %.0f MB\n", n, bytes / 1e6 }' "$state/wanted" >&2
    # shellcheck disable=SC2086
    apt_arm64 install -y --download-only --no-install-recommends $PACKAGES >&2 ||
        die 4 "the download failed; hint: apt-get's message above"
    for archive in "$state"/cache/archives/*.deb; do
        dpkg-deb -x "$archive" "$sysroot" || die 4 "cannot unpack $archive"
    done
    rm -rf "$state"
}

# What an installation would have linked: /lib, and the alternatives of OpenBLAS.
link_up() {
    [ -e "$sysroot/lib" ] || ln -s usr/lib "$sysroot/lib"
    lib=$sysroot/usr/lib/aarch64-linux-gnu
    for name in libopenblas.so libopenblas.so.0 libblas.so.3 liblapack.so.3; do
        [ ! -e "$lib/openblas-pthread/$name" ] || ln -sf "openblas-pthread/$name" "$lib/$name"
    done
    for name in openblas blas-openblas lapack-openblas; do
        ln -sf "../openblas-pthread/pkgconfig/$name.pc" "$lib/pkgconfig/${name%-openblas}.pc"
    done
}

[ $# -eq 1 ] || die 2 "usage: tests/cross/sysroot.sh DIR"
for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null 2>&1 || die 3 "no $tool here: a Debian machine is needed"
done
mkdir -p "$1" || die 4 "cannot create $1"
sysroot=$(cd "$1" && pwd)
state=$sysroot/.apt
complete=$sysroot/.complete
if [ "$(cat "$complete" 2>/dev/null)" != "$PACKAGES" ]; then
    fetch
    link_up
    printf '%s\n' "$PACKAGES" >"$complete"
fi
say "ready: $sysroot"
