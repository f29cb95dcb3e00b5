#!/usr/bin/env python3
"""Times single kernels against torch and numpy on the same shapes, in alternation.

    bench/peers/kernels.py --bench build/bench_kernels --out results/reference/CPU/peers

What makes the ratios fair:
  * the lines of bench/shapes on both sides, indices of the distributions that they name, inputs as
    many times over as bench_kernels takes them (hot: one set at every call)
  * both sides compute the same thing: bench_kernels proves a kernel against its reference in double
    before it times it; every form of the peer has to agree with the same definition in float64 to
    1e-4 of the largest number, and does not count where it does not (exit code 1)
  * several forms of each peer, whose best is what counts: results written to memory allocated before,
    inference mode, indices of either width, pieces that fit the second-level cache
  * one thread each; a process of bench_kernels and then every form of the peer, in rotating order,
    --rounds times; the peer's process stays alive, so that neither pays for its start
  * steady state: CPU seconds of a call over a timing of --min-time, after discarded calls
  * ratio: peer / bench_kernels of the same round, the median over the rounds; its interval is
    bootstrapped over the rounds: quote the lower end

Above 1, bench_kernels is faster. Aimed at: 1.25 for embedding bags, 5 for moments, for row-sparse ones
5 and against dense forms 25, 6 for the dot interaction of 512 samples of 27 rows of 16 numbers.

Kernels without a peer here are left out, and lines of two gradients, where rounding alone moves the
moments by more than the tolerance. u32_row_groups+f32_embbag_grad is both kernels one after the other:
what the backward pass of an embedding with sparse=True amounts to, its rows sorted and each once.
`dense, ...` forms compute row-sparse moments from dense gradients of the whole tables; `dense,
bench_kernels` is f32_grad_moments on as many coordinates, and never the best peer.

oneDNN has neither embeddings nor moments, and torch 1.13 multiplies small f32 matrices, adds biases
and normalises layers without it: no peer here is oneDNN. numpy asks for huge pages behind large
arrays, which the peers' inputs are; NUMPY_MADVISE_HUGEPAGE=0 in the environment turns that off.

Exit codes: 0 ok, 1 a result is wrong, 2 usage, 3 a program is not there, 4 a program failed.
"""
import argparse
import collections
import csv
import json
import os
import pathlib
import platform
import random
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

import common
from common import PeerError

WORKER = pathlib.Path(__file__).resolve().with_name("kernel_worker.py")
SHAPES = pathlib.Path(__file__).resolve().parents[1] / "shapes"
TOLERANCE = 1e-4
SMALLEST_K = 4
DENSE_FLOATS = 3 << 24  # as moments_forms.py
OWN_DENSE = "dense, bench_kernels"
# The ratios aimed at, on which shapes; 0: none.
GOALS = {"f32_embbag": (1.25, ""), "f32_embbag_tables": (1.25, ""), "f32_embbag_grad": (0.0, ""),
         "f32_row_sgd": (0.0, ""), "f32_dot_interaction": (6.0, "^batch=512 rows=27 dim=16$"),
         "f32_dot_interaction_grad": (0.0, ""), "f32_grad_moments": (5.0, ""), "f32_row_moments": (5.0, "")}
DENSE_GOAL = 25.0  # of row-sparse moments against dense forms
COLUMNS = ("kernel", "isa", "cache", "shape", "goal", "peer", "best", "error", "agrees", "seconds_ours",
           "seconds_peer", "ratio", "ci_low", "ci_high", "rounds")

# lines: what bench_kernels times, whose seconds are added; dense: the line of the dense counterpart
Case = collections.namedtuple("Case", "kernel shape cache lines dense")


# ---- which cases ----------------------------------------------------------------------------------


def shape_lines(folder):
    """(kernel, arguments) of all lines, in the order of bench_kernels."""
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise PeerError(4, f"no shape files in {folder}")
    for path in paths:
        for line in path.read_text(encoding="ascii").splitlines():
            words = line.split()
            if words and not words[0].startswith("#"):
                yield words[0], " ".join(words[1:])


def sizes_of(shape):
    return dict(word.split("=", 1) for word in shape.split())


def dense_line(shape):
    sizes = sizes_of(shape)
    n = int(sizes.get("tables", 1)) * int(sizes["rows"]) * int(sizes["dim"])
    return f"f32_grad_moments k=4 n={n} theta=1" if n <= DENSE_FLOATS else None


def cases_of(kernel, shape, cache):
    if kernel not in GOALS:
        return
    if kernel == "f32_grad_moments" and int(sizes_of(shape)["k"]) < SMALLEST_K:
        return
    dense = dense_line(shape) if kernel == "f32_row_moments" else None
    yield Case(kernel, shape, cache, (f"{kernel} {shape}",), dense)
    if kernel == "f32_embbag_grad":
        lines = f"u32_row_groups {shape}", f"{kernel} {shape}"
        yield Case(f"u32_row_groups+{kernel}", shape, cache, lines, None)


def chosen_cases(options):
    found = [case for cache in options.cache for kernel, shape in shape_lines(options.shapes)
             for case in cases_of(kernel, shape, cache)
             if re.search(options.filter, f"{case.kernel} {case.shape}")]
    if not found:
        raise PeerError(2, f"no case with a peer matches {options.filter}")
    return found


# ---- the two sides --------------------------------------------------------------------------------


class Ours:
    """bench_kernels on the lines of the cases, a process for each timing."""

    def __init__(self, options, cases, folder):
        self.options, self.csv = options, folder / "timed.csv"
        self.shapes = folder / "shapes"
        self.shapes.mkdir()
        lines = dict.fromkeys(line for case in cases for line in (*case.lines, case.dense) if line)
        (self.shapes / "peers.txt").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
        self.names = {}  # the last of a line's names is the best instruction set's
        for name in self.run("--benchmark_list_tests").split():
            kernel, isa, cache, shape = (name.split("/", 3) + [""] * 3)[:4]
            if options.isa in (None, isa):
                self.names[kernel, cache, shape] = name
        if not self.names:
            raise PeerError(2 if options.isa else 4,
                            f"{options.bench} has no case of {options.isa or 'these lines'}")

    def run(self, *arguments):
        command = [self.options.bench, "--shapes", str(self.shapes), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=common.one_thread(), check=False)
        except OSError as error:
            raise PeerError(3, f"cannot start {command[0]}: {error.strerror}") from error
        if done.returncode not in (0, 1):
            last = (done.stderr.strip().splitlines() or ["no message"])[0]
            raise PeerError(4, f"{shlex.join(command)} ended with {done.returncode}: {last}")
        return done.stdout

    def name_of(self, line, cache):
        kernel, shape = line.split(" ", 1)
        key = kernel, cache, shape.replace("=", ":").replace(" ", "/")
        if key not in self.names:
            raise PeerError(4, f"{self.options.bench} has no {kernel}/.../{cache}/{key[2]}")
        return self.names[key]

    def timed(self, lines, cache):
        """(CPU seconds of a call, added over the lines; sets of inputs; instruction set)."""
        names = [self.name_of(line, cache) for line in lines]
        pattern = "|".join(re.sub(r"([.+])", r"\\\1", name) for name in names)
        self.csv.unlink(missing_ok=True)
        self.run("--no-roofs", "--csv", str(self.csv), f"--benchmark_filter=^({pattern})$",
                 f"--benchmark_min_time={self.options.min_time}")
        rows = {}
        if self.csv.exists():
            with open(self.csv, encoding="ascii", newline="") as stream:
                rows = {row["name"]: row for row in csv.DictReader(stream)}
        for name in names:
            row = rows.get(name, {"status": "missing", "failure": "no row"})
            if row["status"] != "ok":
                code = 1 if row["failure"].startswith("not proven") else 4
                raise PeerError(code, f"{name}: {row['failure']}")
        found = [rows[name] for name in names]
        return (sum(float(row["seconds_median"]) for row in found), max(int(row["sets"]) for row in found),
                found[-1]["isa"])


class Peer:
    """The process that knows torch and numpy."""

    def __init__(self, python):
        self.command = [python, str(WORKER)]
        try:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True, env=common.one_thread())
        except OSError as error:
            raise PeerError(3, f"cannot start {python}: {error.strerror}") from error
        greeting = self.process.stdout.readline()
        if not greeting:
            raise PeerError(3, f"{shlex.join(self.command)} does not start: it needs python3-torch")
        self.versions = json.loads(greeting)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, **request):
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError) as error:
            raise PeerError(4, f"{shlex.join(self.command)} gave no answer to {json.dumps(request)}") from error


# ---- a case ---------------------------------------------------------------------------------------


def measure(case, ours, peer, options):
    """({form: relative error}, {entrant: seconds of the rounds}, instruction set)."""
    sets = 1 if case.cache == "hot" else ours.timed(case.lines, case.cache)[1]
    errors = peer.ask(make=case.kernel, shape=case.shape, sets=sets)["errors"]
    entrants = ["ours", *errors] + ([OWN_DENSE] if case.dense else [])
    seconds, isa = collections.defaultdict(list), ""
    for turn in range(options.rounds):
        shift = turn % len(entrants)
        for name in entrants[shift:] + entrants[:shift]:
            if name == "ours":
                spent, _, isa = ours.timed(case.lines, case.cache)
            elif name == OWN_DENSE:
                spent = ours.timed([case.dense], case.cache)[0]
            else:
                spent = peer.ask(time=name, seconds=options.min_time)["seconds"]
            seconds[name].append(spent)
    if min(map(min, seconds.values())) <= 0:
        raise PeerError(4, f"{case.kernel} {case.shape}: a time of zero seconds cannot be compared")
    return errors, seconds, isa


def goal_of(case, form):
    """The ratio aimed at; empty: none."""
    goal, shapes = GOALS.get(case.kernel, (0.0, ""))
    if not goal or not re.search(shapes, case.shape):
        return ""
    return DENSE_GOAL if form.startswith("dense, ") else goal


def rows_of(case, errors, seconds, isa, rng):
    """A row a form, the fastest first; the best is the fastest of those that count."""
    rows = []
    mine = seconds.pop("ours")
    for name, theirs in seconds.items():
        ratios = [b / a for a, b in zip(mine, theirs)]
        low, high = common.interval(ratios, statistics.median, rng)
        error = errors.get(name, 0.0)
        rows.append({"kernel": case.kernel, "isa": isa, "cache": case.cache, "shape": case.shape,
                     "goal": goal_of(case, name), "peer": name, "best": "no", "error": error,
                     "agrees": "yes" if error <= TOLERANCE else "no",
                     "seconds_ours": statistics.median(mine), "seconds_peer": statistics.median(theirs),
                     "ratio": statistics.median(ratios), "ci_low": low, "ci_high": high, "rounds": len(mine)})
    rows.sort(key=lambda row: row["seconds_peer"])
    for row in rows:
        if row["agrees"] == "yes" and row["peer"] != OWN_DENSE:
            row["best"] = "yes"
            break
    return rows


# ---- what it comes to -----------------------------------------------------------------------------


def verdict(row):
    if row["goal"] == "":
        return ""
    if row["ci_low"] >= row["goal"]:
        return f"{row['goal']:g} reached"
    return f"{row['goal']:g} {'missed' if row['ci_high'] < row['goal'] else 'undecided'}"


def shown(rows):
    """Of each case the best form, and the best of the dense ones."""
    seen = set()
    for row in rows:
        case = row["kernel"], row["cache"], row["shape"]
        is_dense = row["peer"].startswith("dense, ") and row["agrees"] == "yes"
        if row["best"] == "yes" or (is_dense and case not in seen):
            yield row
        if is_dense:
            seen.add(case)


def report(rows):
    print("  ratio  [95 % interval]  goal            case: best peer", file=sys.stderr)
    for row in shown(rows):
        bounds = f"[{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
        case = f"{row['kernel']} {row['cache']} {row['shape']}"
        print(f"{row['ratio']:7.2f}  {bounds:16} {verdict(row):15} {case}: {row['peer']}", file=sys.stderr)
    best = collections.defaultdict(list)
    for row in rows:
        if row["best"] == "yes":
            best[row["kernel"]].append(row["ratio"])
    for kernel, ratios in best.items():
        print(f"{kernel}: {len(ratios)} cases, {common.geometric_mean(ratios):.2f}x the best peer in the "
              f"geometric mean, {min(ratios):.2f} to {max(ratios):.2f}", file=sys.stderr)
    for row in rows:
        if row["agrees"] == "no":
            print(f"results disagree: {row['kernel']} {row['shape']}: {row['peer']} is off by "
                  f"{row['error']:.3g}", file=sys.stderr)


def provenance(options, versions):
    return {"cpu": common.cpu_name(), "kernel": platform.release(), "command": shlex.join(sys.argv),
            "bench_kernels": common.version_of([options.bench, "--version"]), **versions,
            "numpy_huge_pages": os.environ.get("NUMPY_MADVISE_HUGEPAGE", "1"), "rounds": options.rounds,
            "min_time": options.min_time, "tolerance": TOLERANCE}


def publish(options, rows, versions):
    if options.out is None:
        common.write_csv(sys.stdout, COLUMNS, rows)
    else:
        common.publish(options.out, [("kernels.csv", COLUMNS, rows)], "kernels_meta.json",
                       provenance(options, versions))


# ---- main -----------------------------------------------------------------------------------------


def caches_list(text):
    caches = text.split(",")
    if not set(caches) <= {"hot", "cold"}:
        raise argparse.ArgumentTypeError(f"{text}: caches are hot, cold")
    return caches


def pattern(text):
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from error


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/bench_kernels", help="the program under test")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch and numpy")
    parser.add_argument("--out", type=pathlib.Path, help="folder for kernels.csv and kernels_meta.json "
                                                         "(default: the rows on standard output)")
    parser.add_argument("--shapes", type=pathlib.Path, default=SHAPES, help="folder of shape files")
    parser.add_argument("--filter", type=pattern, default=re.compile(""),
                        help="only cases `KERNEL SHAPE` in which this regular expression is found")
    parser.add_argument("--cache", type=caches_list, default=["hot"],
                        help="hot, cold or both; cold inputs of both sides take up to some gigabytes")
    parser.add_argument("--isa", help="instruction set of bench_kernels (default: the best)")
    parser.add_argument("--rounds", type=common.at_least(3), default=5)
    parser.add_argument("--min-time", type=common.at_least(0.0001, float), default=0.03,
                        help="CPU seconds of a timing, at least")
    parser.add_argument("--list", action="store_true", help="print the cases that would be timed, and stop")
    return parser.parse_args()


def contest(options, cases):
    """(rows of all cases, versions of the peer)."""
    rows, rng = [], random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(options, cases, pathlib.Path(folder))
        with Peer(options.python) as peer:
            for number, case in enumerate(cases, start=1):
                rows += rows_of(case, *measure(case, ours, peer, options), rng)
                print(f"{number} of {len(cases)} cases", file=sys.stderr)
            return rows, peer.versions


def main():
    options = arguments()
    try:
        cases = chosen_cases(options)
        if options.list:
            for case in cases:
                print(f"{case.kernel},{case.cache},{case.shape}")
            return 0
        rows, versions = contest(options, cases)
    except PeerError as error:
        print(f"kernels: {error}", file=sys.stderr)
        return error.code
    publish(options, rows, versions)
    report(rows)
    return 1 if any(row["agrees"] == "no" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
