#!/usr/bin/env python3
"""Times bench_sigeo's ZiCo against the PyTorch peer on the same NAS-Bench-201 cells, in alternation.

    bench/peers/compare.py --bench build/bench_sigeo --out results/reference/CPU/peers

What makes the ratios fair:
  * the same weights, images and labels (--data formula), and a ratio counts only where both scores
    agree to 1e-3; any disagreement makes the exit code 1
  * one thread each; blocks of architectures go to every program in turn, in rotating order
  * steady state: each program's own CPU seconds of a pass, median after a discarded pass; beside it
    the CPU seconds of the whole process seen from outside, start included
  * cold start: CPU seconds from outside of a process that scores one architecture (two passes)
  * the sample is drawn evenly over the cost of the 15,625 cells and gives the headline; classes that
    it hardly holds are filled up, and those extra cells count in their class only
  * intervals are bootstrapped over architectures; quote the lower end

Ratios are peer / bench_sigeo: above 1, bench_sigeo is faster. The headline is against style `best`.
Cells without a path from input to output are not drawn: nothing in them is worth timing.

Exit codes: 0 ok, 1 a pair of scores disagrees, 2 usage, 3 a program is not there, 4 a program failed.
"""
import argparse
import collections
import csv
import io
import itertools
import math
import pathlib
import platform
import random
import resource
import shlex
import statistics
import subprocess
import sys

import common
from common import PeerError

PEER = pathlib.Path(__file__).resolve().with_name("nb201_zico.py")
STYLES = ("best", "authors")
CLASSES = ("skip-only", "pool-heavy", "mixed", "3x3-heavy")
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
TOLERANCE = 1e-3
SMALLEST_SAMPLE = 50

Cell = collections.namedtuple("Cell", "arch kind macs")
PAIR_COLUMNS = ("phase", "sample", "arch", "class", "macs", "style", "layout", "score_ours", "score_peer",
                "agrees", "seconds_ours", "seconds_peer", "ratio", "outside_ours", "outside_peer")
SUMMARY_COLUMNS = ("phase", "style", "group", "n", "ratio", "ci_low", "ci_high", "outside_ratio")


# ---- which architectures --------------------------------------------------------------------------


def macs_of(operations):
    """Multiply-accumulates of one 32x32 image, C=16, N=5. Every stage costs the same: channels double
    where pixels quarter."""
    pixels, channels, cells = 32 * 32, 16, 15
    unit = channels * channels * pixels  # a 1x1 convolution that keeps the shape
    stem = 9 * 3 * channels * pixels
    reduction = (9 * unit) // 2 + 9 * unit + unit // 2  # 3x3 with stride, 3x3, 1x1 shortcut
    convolutions = 9 * operations.count("nor_conv_3x3") + operations.count("nor_conv_1x1")
    return stem + cells * convolutions * unit + 2 * reduction + 64 * 10


def kind_of(operations):
    count = collections.Counter(operations)
    if count["none"] + count["skip_connect"] == len(operations):
        return "skip-only"
    if count["nor_conv_3x3"] >= 4:
        return "3x3-heavy"
    if count["avg_pool_3x3"] >= 3:
        return "pool-heavy"
    return "mixed"


def has_path(operations):
    reached = {0}
    for (source, target), operation in zip(EDGES, operations):
        if operation != "none" and source in reached:
            reached.add(target)
    return 3 in reached


def text_of(operations):
    nodes = collections.defaultdict(str)
    for (source, target), operation in zip(EDGES, operations):
        nodes[target] += f"{operation}~{source}|"
    return "+".join("|" + nodes[target] for target in sorted(nodes))


def all_cells():
    return [Cell(text_of(ops), kind_of(ops), macs_of(ops))
            for ops in itertools.product(OPERATIONS, repeat=len(EDGES)) if has_path(ops)]


def draw(cells, count, per_class, rng):
    """[(sample, cell)]: `count` cells, one from each of as many equal slices of the order by cost; then
    what each class lacks to `per_class`."""
    ordered = sorted(cells, key=lambda c: (c.macs, rng.random()))
    edges = [len(ordered) * i // count for i in range(count + 1)]
    chosen = [("headline", rng.choice(ordered[low:high])) for low, high in zip(edges, edges[1:])]
    taken = {cell for _, cell in chosen}
    for kind in CLASSES:
        lacking = per_class - sum(cell.kind == kind for cell in taken)
        rest = [cell for cell in cells if cell.kind == kind and cell not in taken]
        chosen += [("class", cell) for cell in rng.sample(rest, min(max(lacking, 0), len(rest)))]
    return chosen


# ---- running the programs -------------------------------------------------------------------------


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(command, archs):
    """(rows of the program's CSV, CPU seconds of its process)."""
    before = children_seconds()
    try:
        done = subprocess.run(command, input="".join(a + "\n" for a in archs), text=True,
                              capture_output=True, env=common.one_thread(), check=False)
    except OSError as error:
        raise PeerError(3, f"cannot start {command[0]}: {error.strerror}") from error
    seconds = children_seconds() - before
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    if done.returncode or [row.get("arch") for row in rows] != list(archs):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PeerError(4, f"{shlex.join(command)} gave {len(rows)} of {len(archs)} rows, "
                           f"exit {done.returncode}: {last}")
    return rows, seconds


class Contest:
    """The commands of the two programs under one set of options."""

    def __init__(self, options):
        self.options = options
        self.batches = ["--batches", str(options.batches), "--batch-size", str(options.batch_size)]

    def ours(self, archs, repeat):
        command = [self.options.bench, "--score", "-", "--task", "nb201-cf10", "--proxy", "zico",
                   "--data", "formula", "--workers", "1", "--repeat", str(repeat)] + self.batches
        return run(command, archs)

    def peer(self, archs, repeat, style, layout="auto"):
        command = [self.options.python, str(PEER), "--style", style, "--layout", layout,
                   "--repeat", str(repeat)] + self.batches
        return run(command, archs)


def agree(ours, peer):
    if not (math.isfinite(ours) and math.isfinite(peer)):
        return False
    return abs(ours - peer) <= TOLERANCE * max(abs(ours), abs(peer))


def number(row, column):
    try:
        return float(row[column])
    except (KeyError, TypeError, ValueError) as error:
        raise PeerError(4, f"row of {row['arch']} has no number in column {column}") from error


def pair(phase, sample, cell, style, ours, peer, outside):
    """One line of the result. `ours`, `peer`: CSV rows; `outside`: CPU seconds of ours, of the peer."""
    scores = number(ours, "score"), number(peer, "zico")
    inside = number(ours, "seconds_cpu"), number(peer, "seconds_cpu")
    seconds = outside if phase == "cold" else inside
    if min(seconds) <= 0:
        raise PeerError(4, f"{cell.arch}: a time of zero seconds cannot be compared")
    return {"phase": phase, "sample": sample, "arch": cell.arch, "class": cell.kind, "macs": cell.macs,
            "style": style, "layout": peer["layout"], "score_ours": scores[0], "score_peer": scores[1],
            "agrees": "yes" if agree(*scores) else "no", "seconds_ours": seconds[0],
            "seconds_peer": seconds[1], "ratio": seconds[1] / seconds[0],
            "outside_ours": outside[0], "outside_peer": outside[1]}


def steady_block(contest, block, turn):
    """Pairs of a block of architectures; `turn` rotates who runs first."""
    archs = [cell.arch for _, cell in block]
    repeat = contest.options.repeat
    entrants = ["ours", *contest.options.styles]
    shift = turn % len(entrants)
    results = {}
    for name in entrants[shift:] + entrants[:shift]:
        rows, seconds = (contest.ours(archs, repeat) if name == "ours"
                         else contest.peer(archs, repeat, name))
        results[name] = rows, seconds / len(archs)
    ours, ours_outside = results["ours"]
    for style in contest.options.styles:
        rows, outside = results[style]
        for (sample, cell), mine, theirs in zip(block, ours, rows):
            yield pair("steady", sample, cell, style, mine, theirs, (ours_outside, outside))


def cold_pairs(contest, steady):
    """One architecture a class, the median by cost, each in processes of its own. The peer is told the
    layout that was the faster one, so that it does not pay for trying both."""
    for style in contest.options.styles:
        for kind in CLASSES:
            known = sorted((p for p in steady if p["class"] == kind and p["style"] == style),
                           key=lambda p: p["macs"])
            if not known:
                continue
            middle = known[len(known) // 2]
            cell = Cell(middle["arch"], kind, middle["macs"])
            tries = []
            for _ in range(contest.options.cold_tries):
                mine, ours_outside = contest.ours([cell.arch], 1)
                theirs, peer_outside = contest.peer([cell.arch], 1, style, middle["layout"])
                tries.append((mine[0], theirs[0], ours_outside, peer_outside))
            outside = statistics.median(t[2] for t in tries), statistics.median(t[3] for t in tries)
            yield pair("cold", "class", cell, style, tries[-1][0], tries[-1][1], outside)


# ---- what it comes to -----------------------------------------------------------------------------


def summary_row(phase, style, group, pairs, rng):
    ratios = [p["ratio"] for p in pairs]
    low, high = common.interval(ratios, common.geometric_mean, rng)
    outside = common.geometric_mean([p["outside_peer"] / p["outside_ours"] for p in pairs])
    return {"phase": phase, "style": style, "group": group, "n": len(pairs),
            "ratio": common.geometric_mean(ratios), "ci_low": low, "ci_high": high, "outside_ratio": outside}


def summarise(pairs, styles, rng):
    """Headline and class rows of the pairs whose scores agree."""
    counted = [p for p in pairs if p["agrees"] == "yes"]
    for style in styles:
        steady = [p for p in counted if p["phase"] == "steady" and p["style"] == style]
        groups = [("steady", "all", [p for p in steady if p["sample"] == "headline"])]
        groups += [("steady", kind, [p for p in steady if p["class"] == kind]) for kind in CLASSES]
        groups += [("cold", "all", [p for p in counted if p["phase"] == "cold" and p["style"] == style])]
        for phase, group, members in groups:
            if members:
                yield summary_row(phase, style, group, members, rng)


def provenance(options):
    return {"cpu": common.cpu_name(), "kernel": platform.release(), "command": shlex.join(sys.argv),
            "bench_sigeo": common.version_of([options.bench, "--version"]),
            "torch": common.version_of([options.python, "-c", "import torch; print(torch.__version__)"]),
            "batches": options.batches, "batch_size": options.batch_size, "repeat": options.repeat,
            "seed": options.seed, "tolerance": TOLERANCE}


def publish(options, pairs, summary):
    if options.out is None:
        common.write_csv(sys.stdout, PAIR_COLUMNS, pairs)
        return
    tables = ("pairs.csv", PAIR_COLUMNS, pairs), ("summary.csv", SUMMARY_COLUMNS, summary)
    common.publish(options.out, tables, "meta.json", provenance(options))


def report(summary, disagreeing):
    print("phase   style    group        n  ratio  [95 % interval]   from outside", file=sys.stderr)
    for row in summary:
        print(f"{row['phase']:7} {row['style']:8} {row['group']:10} {row['n']:3d} {row['ratio']:6.2f}  "
              f"[{row['ci_low']:.2f}, {row['ci_high']:.2f}]     {row['outside_ratio']:6.2f}", file=sys.stderr)
    for row in summary:
        if row["phase"] == "steady" and row["group"] == "all" and row["style"] == STYLES[0]:
            print(f"headline: at least {row['ci_low']:.2f}x the best style", file=sys.stderr)
    for p in disagreeing:
        print(f"scores disagree: {p['arch']} style {p['style']}: {p['score_ours']:.9g} against "
              f"{p['score_peer']:.9g}", file=sys.stderr)


# ---- main -----------------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/bench_sigeo", help="the program under test")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch and numpy")
    parser.add_argument("--out", type=pathlib.Path, help="folder for pairs.csv, summary.csv, meta.json "
                                                         "(default: the pairs on standard output)")
    parser.add_argument("--styles", type=common.names_among(STYLES), default=list(STYLES))
    parser.add_argument("--count", type=common.at_least(SMALLEST_SAMPLE), default=60,
                        help="cells of the headline sample")
    parser.add_argument("--per-class", type=common.at_least(0), default=6, help="cells a class has at least")
    parser.add_argument("--block", type=common.at_least(1), default=6,
                        help="cells between two changes of program")
    parser.add_argument("--cold-tries", type=common.at_least(0), default=3)
    parser.add_argument("--batches", type=common.at_least(4), default=4,
                        help="with fewer than 4 rounding alone moves the score by more than the tolerance")
    parser.add_argument("--batch-size", type=common.at_least(1), default=64)
    parser.add_argument("--repeat", type=common.at_least(1), default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="print the cells that would be timed, and stop")
    return parser.parse_args()


def contest_pairs(options, chosen):
    contest = Contest(options)
    shuffled = random.Random(options.seed).sample(chosen, len(chosen))
    pairs = []
    for turn, start in enumerate(range(0, len(shuffled), options.block)):
        pairs += steady_block(contest, shuffled[start:start + options.block], turn)
        print(f"{min(start + options.block, len(shuffled))} of {len(shuffled)} cells", file=sys.stderr)
    if options.cold_tries:
        pairs += cold_pairs(contest, pairs)
    return pairs


def main():
    options = arguments()
    chosen = draw(all_cells(), options.count, options.per_class, random.Random(options.seed))
    if options.list:
        for sample, cell in chosen:
            print(f"{cell.arch},{cell.kind},{cell.macs},{sample}")
        return 0
    try:
        pairs = contest_pairs(options, chosen)
    except PeerError as error:
        print(f"compare: {error}", file=sys.stderr)
        return error.code
    summary = list(summarise(pairs, options.styles, random.Random(options.seed)))
    disagreeing = [p for p in pairs if p["agrees"] == "no"]
    publish(options, pairs, summary)
    report(summary, disagreeing)
    return 1 if disagreeing else 0


if __name__ == "__main__":
    sys.exit(main())
