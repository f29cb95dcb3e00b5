#!/bin/sh
# Fill build-aarch64/sysroot with Debian's arm64 libraries, without root and without touching the
# system's own package state. Needs apt-get and dpkg-deb; the cross compiler is gcc-aarch64-linux-gnu.
#
#   .cmake/aarch64_sysroot.sh && cmake --preset aarch64 && cmake --build --preset aarch64
set -eu

PACKAGES="libdnnl-dev libcsv-dev libjansson-dev zlib1g-dev nettle-dev libopenblas-pthread-dev
    libhwloc-dev check libgomp1"

cd "$(dirname "$0")/.."
sysroot=$PWD/build-aarch64/sysroot
state=$PWD/build-aarch64/apt
mkdir -p "$sysroot" "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"

# An apt of its own: the machine's sources and keys, but lists, cache and status in the build folder.
apt_arm64() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
        -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 \
        -o Acquire::Languages=none "$@"
}

apt_arm64 update
# shellcheck disable=SC2086 # a list of names is meant to split
apt_arm64 install -y --download-only --no-install-recommends $PACKAGES
for archive in "$state"/cache/archives/*.deb; do
    dpkg-deb -x "$archive" "$sysroot"
done

# What the alternatives system would have linked; an unpacked archive has no links yet.
lib=$sysroot/usr/lib/aarch64-linux-gnu
ln -sf openblas-pthread/libopenblas.so openblas-pthread/libopenblas.so.0 "$lib/"
ln -sf ../openblas-pthread/pkgconfig/openblas.pc "$lib/pkgconfig/openblas.pc"
ln -sf "aarch64-linux-gnu/openblas-pthread/cblas.h" "$sysroot/usr/include/cblas.h" 2>/dev/null
printf 'sysroot: %s\n' "$sysroot" >&2
