#!/usr/bin/env python3
"""Times bench_kernels' steps of click-through models against PyTorch's, in alternation.

    bench/peers/ctr_steps.py --bench build/bench_kernels --out results/reference/CPU/peers

What makes the ratios fair:
  * the same numbers and data by formula, and a ratio counts only where both programs computed the
    same to 1e-3: the loss of the last training step, the norms of the network's and of the tables'
    sums of squares and of the tables' moves behind it; or the two terms of the score and their sum.
    Any disagreement makes the exit code 1
  * one thread each; in each of --rounds rounds every program is a new process, in rotating order
  * the tables and their sums of squares lie in huge pages on both sides, where the system has them:
    bench_kernels asks for them, and so does numpy, in whose memory the peer keeps these
    (NUMPY_MADVISE_HUGEPAGE=0 in the environment turns numpy's off). All other large blocks of
    bench_kernels lie in them too, those that torch allocates itself do not
  * CPU seconds of a call in steady state, the median over --repeat after discarded ones; nothing is
    said of the processes as wholes, which make their inputs and repeat their calls in ways of their own
  * ratio: peer / bench_kernels of the same round, the median over the rounds; its interval is
    bootstrapped over the rounds: quote the lower end

Above 1, bench_kernels is faster. The headline is against the faster of the styles `best` and `sparse`
(ctr_torch.py says what the styles do; there is no `sparse` of steps with frozen tables).

Steps: dlrm, dcnv2, dcnv2-hot (fields of several values, as many as in MLPerf's multi-hot data set),
nasrec (the authors' best network of NASRec-Small for Criteo), supernet-full and supernet-path (a
training step of NASRec-Small's supernet, all of it and that network's path), sigeo and sigeo-mlp
(four mini-batches of DLRM: gradients, moments and Fisher-Rao term of all parameters, and of the MLPs
alone; bench_kernels computes the derivative of every row's loss besides). A call is four training
steps; bench_kernels opens its network and copies the rows in it, which the peer has done before.

Exit codes: 0 ok, 1 a pair of values disagrees, 2 usage, 3 a program is not there, 4 a program failed.
"""
import argparse
import collections
import csv
import io
import os
import pathlib
import platform
import random
import shlex
import statistics
import subprocess
import sys
import tempfile

import common
from common import PeerError
from compare import TOLERANCE, agree

PEER = pathlib.Path(__file__).resolve().with_name("ctr_torch.py")
STYLES = ("best", "sparse", "authors")

# The line of each step, before its sizes; the ratios aimed at: against the careful styles, the authors'.
Step = collections.namedtuple("Step", "line careful authors", defaults=("", ""))
STEPS = {
    "dlrm": Step("step_train model=dlrm", 1.7),
    "dcnv2": Step("step_train model=dcnv2"),
    "dcnv2-hot": Step("step_train model=dcnv2 hot=mlperf"),
    "nasrec": Step("step_train model=nasrec path=criteo-small"),
    "supernet-full": Step("step_train model=supernet path=full", 1.5),
    "supernet-path": Step("step_train model=supernet path=criteo-small", 1.5),
    "sigeo": Step("step_sigeo model=dlrm tables=learn", 5.0, 25.0),
    "sigeo-mlp": Step("step_sigeo model=dlrm tables=frozen", 2.0),
}
PAIR_COLUMNS = ("step", "style", "round", "shape", "value_ours", "value_peer", "agrees", "seconds_ours",
                "seconds_peer", "ratio", "terms_ours", "terms_peer")
SUMMARY_COLUMNS = ("step", "style", "n", "ratio", "ci_low", "ci_high", "target", "verdict")

Run = collections.namedtuple("Run", "seconds value terms")


# ---- running the programs -------------------------------------------------------------------------


def execute(command, text=""):
    """Its standard output."""
    try:
        done = subprocess.run(command, input=text, text=True, capture_output=True,
                              env=common.one_thread(), check=False)
    except OSError as error:
        raise PeerError(3, f"cannot start {command[0]}: {error.strerror}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or ["no message"])[-1]
        raise PeerError(4, f"{shlex.join(command)} ended with {done.returncode}: {last}")
    return done.stdout


def numbers_of(run):
    """By name: the value and its terms, `name=number` words."""
    words = (word.split("=") for word in run.terms.split())
    return {"value": run.value, **{name: float(number) for name, number in words}}


def runs_agree(ours, peer):
    ours, peer = numbers_of(ours), numbers_of(peer)
    return ours.keys() == peer.keys() and all(agree(ours[name], peer[name]) for name in ours)


def run_of(text, command, seconds_column):
    """The single row of a program's CSV."""
    rows = list(csv.DictReader(io.StringIO(text)))
    try:
        row, = rows
        run = Run(float(row[seconds_column]), float(row["value"]), row["terms"])
        numbers_of(run)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PeerError(4, f"{shlex.join(command)} gave no time, value and terms: {text[:200]!r}") from error
    if run.seconds <= 0:
        raise PeerError(4, f"{shlex.join(command)}: a time of zero seconds cannot be compared")
    return run


def styles_of(step, styles):
    """Those of `styles` that a step has."""
    return [style for style in styles if style != "sparse" or "tables=frozen" not in STEPS[step].line]


def target_of(step, style):
    return STEPS[step].authors if style == "authors" else STEPS[step].careful


class Contest:
    """The commands of the programs under one set of options."""

    def __init__(self, options):
        self.options = options

    def line(self, step):
        return f"{STEPS[step].line} rows={self.options.rows} batch={self.options.batch}"

    def ours(self, step):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "step.csv")
            command = [self.options.bench, "--step", self.line(step), "--no-roofs", "--csv", str(path),
                       "--benchmark_filter=^step_", f"--benchmark_repetitions={self.options.repeat}",
                       f"--benchmark_min_time={self.options.min_time}"]
            execute(command)
            return run_of(path.read_text(encoding="ascii"), command, "seconds_median")

    def peer(self, step, style):
        command = [self.options.python, str(PEER), "--style", style, "--repeat", str(self.options.repeat)]
        return run_of(execute(command, self.line(step) + "\n"), command, "seconds_cpu")

    def round(self, step, number):
        """The pairs of a round; its number rotates who runs first."""
        styles = styles_of(step, self.options.styles)
        entrants = ["ours", *styles]
        shift = number % len(entrants)
        runs = {name: self.ours(step) if name == "ours" else self.peer(step, name)
                for name in entrants[shift:] + entrants[:shift]}
        for style in styles:
            ours, peer = runs["ours"], runs[style]
            yield {"step": step, "style": style, "round": number, "shape": self.line(step),
                   "value_ours": ours.value, "value_peer": peer.value,
                   "agrees": "yes" if runs_agree(ours, peer) else "no",
                   "seconds_ours": ours.seconds, "seconds_peer": peer.seconds,
                   "ratio": peer.seconds / ours.seconds, "terms_ours": ours.terms,
                   "terms_peer": peer.terms}


# ---- what it comes to -----------------------------------------------------------------------------


def verdict_of(low, high, target):
    if not target:
        return ""
    return "holds" if low >= target else "missed" if high < target else "undecided"


def summarise(pairs, options, rng):
    """A row for each step and style, of the pairs whose values agree."""
    for step in options.steps:
        for style in options.styles:
            own = [p for p in pairs if (p["step"], p["style"], p["agrees"]) == (step, style, "yes")]
            if not own:
                continue
            ratios = [p["ratio"] for p in own]
            low, high = common.interval(ratios, statistics.median, rng)
            target = target_of(step, style)
            yield {"step": step, "style": style, "n": len(own), "ratio": statistics.median(ratios),
                   "ci_low": low, "ci_high": high, "target": target, "verdict": verdict_of(low, high, target)}


def provenance(options):
    return {"cpu": common.cpu_name(), "kernel": platform.release(), "command": shlex.join(sys.argv),
            "bench_kernels": common.version_of([options.bench, "--version"]),
            "torch": common.version_of([options.python, "-c", "import torch; print(torch.__version__)"]),
            "rows": options.rows, "batch": options.batch, "rounds": options.rounds,
            "repeat": options.repeat, "seed": options.seed, "tolerance": TOLERANCE,
            "numpy_huge_pages": os.environ.get("NUMPY_MADVISE_HUGEPAGE", "1")}


def report(summary, disagreeing):
    print("step           style     n   ratio  [95 % interval]   target", file=sys.stderr)
    for row in summary:
        print(f"{row['step']:14} {row['style']:8} {row['n']:2d} {row['ratio']:7.2f}  [{row['ci_low']:.2f}, "
              f"{row['ci_high']:.2f}]   {row['target']} {row['verdict']}", file=sys.stderr)
    for p in disagreeing:
        print(f"values disagree: {p['step']} style {p['style']}: {p['value_ours']:.9g} against "
              f"{p['value_peer']:.9g}; {p['terms_ours']} against {p['terms_peer']}", file=sys.stderr)


# ---- main -----------------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/bench_kernels", help="the program under test")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch and numpy")
    parser.add_argument("--out", type=pathlib.Path, help="folder for ctr_pairs.csv, ctr_summary.csv and "
                                                         "ctr_meta.json (default: pairs on standard output)")
    parser.add_argument("--steps", type=common.names_among(STEPS), default=list(STEPS))
    parser.add_argument("--styles", type=common.names_among(STYLES), default=list(STYLES))
    parser.add_argument("--rows", type=common.at_least(1), default=100000, help="of each of the 26 tables")
    parser.add_argument("--batch", type=common.at_least(1), default=512)
    parser.add_argument("--rounds", type=common.at_least(1), default=7)
    parser.add_argument("--repeat", type=common.at_least(1), default=5, help="timings of a process")
    parser.add_argument("--min-time", default="0.2", help="seconds of a timing of bench_kernels, at least")
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap")
    return parser.parse_args()


def main():
    options = arguments()
    contest, pairs = Contest(options), []
    try:
        for number in range(options.rounds):
            for step in options.steps:
                pairs += contest.round(step, number)
            print(f"{number + 1} of {options.rounds} rounds", file=sys.stderr)
    except PeerError as error:
        print(f"ctr_steps: {error}", file=sys.stderr)
        return error.code
    summary = list(summarise(pairs, options, random.Random(options.seed)))
    disagreeing = [p for p in pairs if p["agrees"] == "no"]
    if options.out is None:
        common.write_csv(sys.stdout, PAIR_COLUMNS, pairs)
    else:
        common.publish(options.out, [("ctr_pairs.csv", PAIR_COLUMNS, pairs),
                                     ("ctr_summary.csv", SUMMARY_COLUMNS, summary)],
                       "ctr_meta.json", provenance(options))
    report(summary, disagreeing)
    return 1 if disagreeing else 0


if __name__ == "__main__":
    sys.exit(main())
