#!/usr/bin/env python3
"""Steps of click-through models in PyTorch on one CPU thread: the peer of bench_kernels' step_train
and step_sigeo. ctr_steps.py times the two in alternation.

Reads lines such as `step_train model=dlrm rows=100000 batch=512` from standard input, and prints
CSV: step,style,seconds_cpu,value,terms. The seconds are the median over --repeat calls after a
discarded one, whose value and terms are printed: what bench_kernels computes from the same lines.

Styles:
  authors  works as the published code: one table a field with dense gradients, torch's own clipping
           and Adagrad, index pairs for the dot products, masks and zeros at the supernet's full
           width, gradients copied into numpy and their moments taken there. What it computes is
           step_sigeo's score, not the published one of the last layer's first coordinates along
           four steps
  best     what a careful user would write: all tables in one, gradients of the looked-up rows
           alone, summed by row (sorted, as bags) and applied there (gathered, moved, copied back),
           no .grad fields, optimisers over lists of tensors, one index list for the dot products,
           the supernet's chosen columns alone as views, moments of touched rows in torch
  sparse   as best, but for the tables torch's own sparse=True: their gradients as sparse tensors,
           coalesced once, and torch's own Adagrad on these; best where the tables are frozen

Tables and their sums of squares lie in numpy's memory in all styles: it asks for huge pages behind large
arrays, as bench_kernels does for its tables, and torch does not.

Needs python3-torch and python3-numpy.
"""
import argparse
import csv
import math
import statistics
import sys
import time

import numpy
import torch
from torch.nn import functional

from ctr_models import DENSE, DIM, FIELDS, Numbers, dcnv2, dlrm
from ctr_nasrec import Network, Supernet, nasrec
from embedding_forms import pool, row_groups
from nb201_zico import symmetric, unit_numbers

RATE, EPSILON, CLIP = 0.01, 1e-2, 5.0
STEPS, TRAINING_BATCHES, SCORE_BATCHES = 4, 32, 4
FLOOR = 1e-10
# Values of a field, in order; hot=mlperf as bench/steps/ctr.c has them.
HOTNESS = {None: (1,) * FIELDS,
           "mlperf": (3, 2, 1, 2, 6, 1, 1, 1, 1, 7, 3, 8, 1, 6, 9, 5, 1, 1, 1, 12, 100, 27, 10, 3, 1, 1)}


def model_of(name, path):
    """The forward function of a step's model= and path=."""
    if name in ("nasrec", "supernet"):
        return nasrec(Network if name == "nasrec" else Supernet, path)
    return {"dlrm": dlrm, "dcnv2": dcnv2}[name]


class Step:
    """A line: its operation and its arguments."""

    def __init__(self, line):
        self.line = line
        self.op, *words = line.split()
        self.arguments = dict(word.split("=", 1) for word in words)
        self.rows, self.batch = int(self.arguments["rows"]), int(self.arguments["batch"])
        self.steps = int(self.arguments.get("steps", STEPS))
        self.tables_learn = self.arguments.get("tables") != "frozen"
        self.hotness = HOTNESS[self.arguments.get("hot")]
        self.values = sum(self.hotness)  # of a sample
        self.forward = model_of(self.arguments["model"], self.arguments.get("path"))


def formula_data(step, count):
    """`count` mini-batches (dense (n,13), index (n,values), label (n)) of the golden vectors' formulas;
    a sample's values one field after the other."""
    shape = count, step.batch
    samples = count * step.batch
    dense = 4.0 * unit_numbers("dense", samples * DENSE)
    index = numpy.floor(step.rows * unit_numbers("sparse", samples * step.values)).astype(numpy.int64)
    label = numpy.floor(2.0 * unit_numbers("label", samples))
    return list(zip(torch.from_numpy(dense.reshape(*shape, DENSE)).float(),
                    torch.from_numpy(index.reshape(*shape, step.values)),
                    torch.from_numpy(label.reshape(shape)).float()))


def table(field, rows):
    return symmetric(f"embedding{field}.weight", (rows, DIM), DIM**-0.5)


def in_numpys_memory(tensor):
    """A copy. Zeros too have to be copied: for numpy.zeros no huge pages are asked."""
    return torch.from_numpy(tensor.numpy().copy())


# ---- terms: what the value of a first call hides, as bench/steps has it ---------------------------


def root_of_sum(tensors):
    return math.sqrt(math.fsum(tensor.sum(dtype=torch.float64).item() for tensor in tensors))


def training_terms(network_squares, table_squares, tables, start):
    """Adagrad's sums of squares, and the tables' way from `start` (all of them, one behind the other)."""
    moves = torch.cat([table.detach() for table in tables]).sub_(start)
    return {"network_squares": root_of_sum(network_squares), "table_squares": root_of_sum(table_squares),
            "table_moves": root_of_sum([moves.square_()])}


def sigeo_terms(zico, inner):
    return {"zico": zico, "fr": math.log(abs(inner) + FLOOR)}


# ---- style authors --------------------------------------------------------------------------------


class Authors:
    def __init__(self, step, batches):
        self.step, self.batches, self.numbers = step, batches, Numbers()
        self.tables = [in_numpys_memory(table(f, step.rows)).requires_grad_(step.tables_learn)
                       for f in range(FIELDS)]
        self.next = 0
        with torch.no_grad():
            self.loss(batches[0])
        self.weights = self.numbers.all_leaves() + (self.tables if step.tables_learn else [])
        self.optimiser = torch.optim.Adagrad(self.weights, lr=RATE, eps=EPSILON)
        if step.op == "step_train":
            for own in self.tables:
                self.optimiser.state[own]["sum"] = in_numpys_memory(torch.zeros_like(own))
            self.start = torch.cat([own.detach() for own in self.tables])

    def loss(self, batch):
        dense, index, label = batch
        rows = torch.stack([functional.embedding(part.squeeze(1), own) if part.shape[1] == 1
                            else functional.embedding_bag(part, own, mode="sum")
                            for part, own in zip(index.split(self.step.hotness, 1), self.tables)], 1)
        logits = self.step.forward(self.numbers, False, dense, rows)
        return functional.binary_cross_entropy_with_logits(logits.squeeze(1), label)

    def train(self):
        for _ in range(self.step.steps):
            self.optimiser.zero_grad()
            loss = self.loss(self.batches[self.next])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.weights, CLIP)
            self.optimiser.step()
            self.next = (self.next + 1) % len(self.batches)
        return loss.item()

    def training_terms(self):
        squares = [self.optimiser.state[weight]["sum"] for weight in self.weights]
        start, self.start = self.start, None
        return training_terms(squares[:-FIELDS], squares[-FIELDS:], self.tables, start)

    def sigeo(self):
        """The score's terms."""
        history = [[] for _ in self.weights]
        for batch in self.batches:
            self.optimiser.zero_grad()
            self.loss(batch).backward()
            for gradients, weight in zip(history, self.weights):
                gradients.append(weight.grad.flatten().numpy().copy())
        score = inner = 0.0
        for weight, gradients in zip(self.weights, map(numpy.array, history)):
            deviation = numpy.std(gradients, axis=0)
            moving = numpy.nonzero(deviation)[0]
            mean = numpy.mean(numpy.abs(gradients), axis=0)
            ratios = numpy.sum(mean[moving] / deviation[moving])
            if ratios != 0:
                score += float(numpy.log(ratios))
            inner += float(numpy.dot(weight.detach().flatten().numpy(), gradients.sum(axis=0)))
        return sigeo_terms(score, inner)


# ---- style best -----------------------------------------------------------------------------------


def ratios_of(gradients):
    """mean |g| / deviation of each coordinate over the first axis; 0 without deviation."""
    deviation = (gradients - gradients.mean(0)).square_().mean(0).sqrt_()
    return gradients.abs().mean(0).div_(deviation).masked_fill_(deviation == 0, 0.0)


def sum_by_row(flat, gradient, bag_of=None):
    """Touched rows in ascending order, and the sums of their gradients: of each look-up, or of the bags
    that the look-ups belong to."""
    rows, starts, order = row_groups(flat)
    bags = order if bag_of is None else bag_of.index_select(0, order)
    return rows, pool(gradient, bags, starts, "sum")


class Best:
    def __init__(self, step, batches):
        self.step, self.numbers = step, Numbers()
        hotness = torch.tensor(step.hotness)
        shift = (torch.arange(FIELDS) * step.rows).repeat_interleave(hotness)
        self.bag_of = self.bag_starts = None
        if step.values > FIELDS:
            bags = hotness.repeat(step.batch)
            self.bag_of = torch.arange(len(bags)).repeat_interleave(bags)
            self.bag_starts = bags.cumsum(0) - bags
        self.batches = [(dense, (index + shift).flatten(), label) for dense, index, label in batches]
        self.table = in_numpys_memory(torch.cat([table(f, step.rows) for f in range(FIELDS)]))
        self.next = 0
        with torch.no_grad():
            self.pass_of(self.batches[0])
        self.leaves = self.numbers.all_leaves()
        if step.op == "step_train":
            self.squares = self.numbers.beside()
            self.table_squares = in_numpys_memory(torch.zeros_like(self.table))
            self.start = self.table.clone()
        else:
            self.history = [leaf.new_empty((SCORE_BATCHES,) + tuple(leaf.shape))
                            for leaf in self.leaves]

    def look_up(self, flat):
        """Rows of the table or their sums, and what stands for the tables in a gradient: they do."""
        if self.bag_of is None:
            found = self.table.index_select(0, flat)
        else:
            found = functional.embedding_bag(flat, self.table, self.bag_starts, mode="sum")
        return found, found.requires_grad_(self.step.tables_learn)

    def by_row(self, flat, gradient):
        """Touched rows in ascending order, and their gradients."""
        return sum_by_row(flat, gradient, self.bag_of)

    def pass_of(self, batch):
        """The loss, and what stands for the tables in its gradient."""
        dense, flat, label = batch
        found, learning = self.look_up(flat)
        logits = self.step.forward(self.numbers, True, dense, found.view(-1, FIELDS, DIM))
        return functional.binary_cross_entropy_with_logits(logits.squeeze(1), label), learning

    def descend(self, gradients, rows):
        """Clip, and Adagrad's step on the leaves and on the touched rows."""
        norms = torch.stack(torch._foreach_norm(gradients))
        factor = CLIP / (torch.linalg.vector_norm(norms).item() + 1e-6)
        if factor < 1.0:
            torch._foreach_mul_(gradients, factor)
        *dense, touched = gradients
        torch._foreach_addcmul_(self.squares, dense, dense)
        deviation = torch._foreach_sqrt(self.squares)
        torch._foreach_add_(deviation, EPSILON)
        torch._foreach_addcdiv_(self.leaves, dense, deviation, -RATE)
        self.move_rows(rows, touched)

    def move_rows(self, rows, touched):
        squares = self.table_squares.index_select(0, rows).addcmul_(touched, touched)
        self.table_squares.index_copy_(0, rows, squares)
        moved = self.table.index_select(0, rows)
        moved.addcdiv_(touched, squares.sqrt_().add_(EPSILON), value=-RATE)
        self.table.index_copy_(0, rows, moved)

    def train(self):
        for _ in range(self.step.steps):
            batch = self.batches[self.next]
            loss, tables = self.pass_of(batch)
            *dense, gradient = torch.autograd.grad(loss, self.leaves + [tables])
            with torch.no_grad():
                rows, touched = self.by_row(batch[1], gradient)
                self.descend(dense + [touched], rows)
            self.next = (self.next + 1) % len(self.batches)
        return loss.item()

    def training_terms(self):
        start, self.start = self.start, None
        return training_terms(self.squares, [self.table_squares], [self.table], start)

    def sigeo(self):
        """The score's terms."""
        touched = []
        for b, batch in enumerate(self.batches):
            loss, tables = self.pass_of(batch)
            learning = self.leaves + ([tables] if self.step.tables_learn else [])
            gradients = torch.autograd.grad(loss, learning)
            for kept, gradient in zip(self.history, gradients):
                kept[b].copy_(gradient)
            if self.step.tables_learn:
                touched.append(self.by_row(batch[1], gradients[-1]))
        with torch.no_grad():
            return self.score(touched)

    def score(self, touched):
        score = inner = 0.0
        for leaf, kept in zip(self.leaves, self.history):
            ratios = ratios_of(kept).sum().item()
            score += math.log(ratios) if ratios else 0.0
            inner += torch.dot(kept.sum(0).flatten(), leaf.flatten()).item()
        if touched:
            ratios, dot = self.touched_moments(touched)
            score += sum(math.log(r) for r in ratios if r)
            inner += dot
        return sigeo_terms(score, inner)

    def touched_moments(self, touched):
        """Sums of ratios by table, and <theta, sum of gradients>. Rows that a mini-batch did not
        touch have gradient zero there."""
        everywhere, order = torch.cat([rows for rows, _ in touched]).sort()
        rows, place = everywhere.unique_consecutive(return_inverse=True)
        places = torch.empty_like(place).index_copy_(0, order, place)
        gradients = self.table.new_zeros(len(touched), len(rows), DIM)
        parts = places.split([len(own) for own, _ in touched])
        for kept, own, (_, gradient) in zip(gradients, parts, touched):
            kept.index_copy_(0, own, gradient)
        by_row = ratios_of(gradients).sum(1)
        sums = by_row.new_zeros(FIELDS).index_add_(0, rows // self.step.rows, by_row)
        theta = self.table.index_select(0, rows)
        return sums.tolist(), torch.dot(gradients.sum(0).flatten(), theta.flatten()).item()


# ---- style sparse ---------------------------------------------------------------------------------


class Sparse(Best):
    def __init__(self, step, batches):
        super().__init__(step, batches)
        self.table.requires_grad_(step.tables_learn)
        self.gradient = None  # of the table, coalesced
        if step.op == "step_train":
            self.optimiser = torch.optim.Adagrad([self.table], lr=RATE, eps=EPSILON)
            self.optimiser.state[self.table]["sum"] = self.table_squares

    def look_up(self, flat):
        if self.bag_of is None:
            return functional.embedding(flat, self.table, sparse=True), self.table
        found = functional.embedding_bag(flat, self.table, self.bag_starts, mode="sum", sparse=True)
        return found, self.table

    def by_row(self, flat, gradient):
        self.gradient = gradient.coalesce()
        return self.gradient.indices()[0], self.gradient.values()

    def move_rows(self, rows, touched):
        """`touched`, as clipping left it, is the gradient's own memory."""
        self.table.grad = self.gradient
        self.optimiser.step()


# ---- timing ---------------------------------------------------------------------------------------


STYLES = {"best": Best, "sparse": Sparse, "authors": Authors}


def first_call(entrant, trains):
    """(its value, its terms)"""
    if trains:
        return entrant.train(), entrant.training_terms()
    terms = entrant.sigeo()
    return sum(terms.values()), terms


def median_seconds(call, repeat):
    """CPU seconds of a call."""
    seconds = []
    for _ in range(repeat):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def measure_step(step, style, repeat):
    trains = step.op == "step_train"
    batches = formula_data(step, TRAINING_BATCHES if trains else SCORE_BATCHES)
    entrant = STYLES[style](step, batches)
    value, terms = first_call(entrant, trains)
    return median_seconds(entrant.train if trains else entrant.sigeo, repeat), value, terms


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", choices=STYLES, default="best")
    parser.add_argument("--repeat", type=positive, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("step", "style", "seconds_cpu", "value", "terms"))
    for line in filter(None, map(str.strip, sys.stdin)):
        seconds, value, terms = measure_step(Step(line), options.style, options.repeat)
        words = " ".join(f"{name}={term:.9g}" for name, term in terms.items())
        rows.writerow((line, options.style, f"{seconds:.6f}", f"{value:.9g}", words))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
