#!/bin/sh
# Run a program on another x86 CPU, by user-mode emulation. Exit 77: no emulator here.
# usage: run.sh CPU PROGRAM
set -u
cpu=$1
program=$2
for qemu in qemu-x86_64-static qemu-x86_64; do
    if command -v "$qemu" >/dev/null 2>&1; then
        exec "$qemu" -cpu "$cpu" "$program"
    fi
done
echo "skipped: no qemu-x86_64 here; hint: apt-get install qemu-user-static"
exit 77
