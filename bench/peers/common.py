"""What the peer comparisons share: one thread, intervals, result files, exit codes."""
import argparse
import csv
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess

BOOTSTRAP_DRAWS = 2000


class PeerError(Exception):
    """A program that could not be started (3) or did not do its work (4; 1: what it computed is wrong)."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def one_thread():
    """The environment of all programs. OpenBLAS's overrides of the kernel choice are removed."""
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SIGEO_WORKERS", "SIGEO_ISA")}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = "1"
    return environment


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


def interval(values, statistic, rng):
    """95 % percentile bootstrap of a statistic of the values."""
    draws = sorted(statistic(rng.choices(values, k=len(values))) for _ in range(BOOTSTRAP_DRAWS))
    return draws[int(0.025 * BOOTSTRAP_DRAWS)], draws[int(0.975 * BOOTSTRAP_DRAWS) - 1]


def formatted(row):
    return {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()}


def write_csv(stream, columns, rows):
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(formatted, rows))


def publish(folder, tables, meta_name, meta):
    """`tables`: [(file name, columns, rows)]; `meta` becomes a JSON file beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns, rows in tables:
        with open(folder / name, "w", encoding="ascii", newline="") as stream:
            write_csv(stream, columns, rows)
    with open(folder / meta_name, "w", encoding="ascii") as stream:
        json.dump(meta, stream, indent=1)
        stream.write("\n")


def cpu_name():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def version_of(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.strip().splitlines() or ["unknown"])[0]


def at_least(smallest, kind=int):
    """For argparse: a number from `smallest` on."""
    def parse(text):
        value = kind(text)
        if not value >= smallest:
            raise argparse.ArgumentTypeError(f"{text} is less than {smallest}")
        return value
    return parse


def names_among(known):
    """For argparse: some of the names `known`, commas between them."""
    def parse(text):
        names = text.split(",")
        if not set(names) <= set(known):
            raise argparse.ArgumentTypeError(f"{text}: known are {', '.join(known)}")
        return names
    return parse
