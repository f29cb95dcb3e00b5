#!/usr/bin/env python3
"""ZiCo of NAS-Bench-201 cells in PyTorch on one CPU thread: the peer that bench_sigeo is timed against.

Reads architecture strings from standard input, one a line, and prints CSV:
arch,style,layout,seconds_cpu,zico. The seconds are the median over --repeat passes after one
discarded pass.

Weights, images and labels are computed from their names and indices by the same formulas as
`bench_sigeo --data formula`, so that the scores can be compared: a ratio of times between programs
that compute different numbers means nothing.

Styles:
  authors  works as the published code does: plain NCHW, `none` edges multiplied by zero, a ReLU on
           every convolution edge, gradients copied into numpy and reduced there
  best     what a careful user would write: no dead edges or nodes, one ReLU a node, gradients taken
           without .grad fields, moments in torch; --layout auto takes the faster of NCHW and
           channels-last

Needs python3-torch and python3-numpy.
"""
import argparse
import collections
import csv
import math
import statistics
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

LAYOUTS = {"nchw": torch.contiguous_format, "channels-last": torch.channels_last}
STAGES, CELLS_PER_STAGE, CHANNELS, CLASSES, PIXELS = 3, 5, 16, 10, 32

# ---- numbers from names ---------------------------------------------------------------------------

MASK64 = (1 << 64) - 1


def hash_name(name):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in name.encode("ascii"):
        value = ((value ^ byte) * 0x100000001B3) & MASK64
    return value


def unit_numbers(name, count):
    """The first `count` numbers of the stream `name`, in [0, 1): splitmix64 of hash + index."""
    first = (hash_name(name) + 0x9E3779B97F4A7C15) & MASK64
    mixed = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(first)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> numpy.uint64(shift))) * numpy.uint64(factor)
    mixed ^= mixed >> numpy.uint64(31)
    return (mixed >> numpy.uint64(11)) * 2.0**-53


def symmetric(name, shape, bound):
    """A float tensor, uniform in [-bound, bound)."""
    values = bound * (2.0 * unit_numbers(name, math.prod(shape)) - 1.0)
    return torch.from_numpy(values.reshape(shape)).float()


def formula_batches(batches, batch_size):
    """[(images (B,3,32,32), labels (B))] in the order of the image index."""
    images = symmetric("input", (batches, batch_size, 3, PIXELS, PIXELS), math.sqrt(3.0))
    labels = numpy.floor(CLASSES * unit_numbers("label", batches * batch_size))
    labels = torch.from_numpy(labels.astype(numpy.int64).reshape(batches, batch_size))
    return list(zip(images, labels))


# ---- the network ----------------------------------------------------------------------------------

Edge = collections.namedtuple("Edge", "source target op")


def parse_cell(text):
    """`|op~0|+|op~0|op~1|+...` as a list of edges; node 0 is the input."""
    return [Edge(int(source), target, op)
            for target, node in enumerate(text.split("+"), start=1)
            for op, source in (part.split("~") for part in node.strip("|").split("|"))]


def live_nodes(edges):
    """Nodes on a chain of operations other than `none` that starts at the input and ends at the output."""
    real = [e for e in edges if e.op != "none"]
    fed, used = {0}, {max(e.target for e in edges)}
    for edge in real:  # edges come in the order of their targets
        if edge.source in fed:
            fed.add(edge.target)
    for edge in reversed(real):
        if edge.target in used:
            used.add(edge.source)
    return fed & used


class ConvBN(nn.Module):
    """Convolution and batch norm; the ReLU before them is the caller's, who may share it."""

    def __init__(self, name, inputs, outputs, size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.conv.canonical = name
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


def edge_module(edge, cell, channels):
    """The trainable or pooling part of an edge; None where there is nothing to hold."""
    name = f"cell{cell}.edge{edge.source}-{edge.target}.conv"
    if edge.op == "nor_conv_3x3":
        return ConvBN(name, channels, channels, 3)
    if edge.op == "nor_conv_1x1":
        return ConvBN(name, channels, channels, 1)
    if edge.op == "avg_pool_3x3":
        return nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    if edge.op in ("none", "skip_connect"):
        return nn.Identity()
    raise ValueError(f"unknown operation {edge.op}")


class AuthorsCell(nn.Module):
    """Every edge computes what it says, whether or not anything comes of it."""

    def __init__(self, edges, cell, channels):
        super().__init__()
        self.edges = edges
        self.parts = nn.ModuleList(edge_module(e, cell, channels) for e in edges)

    def forward(self, x):
        nodes = {0: x}
        for edge, part in zip(self.edges, self.parts):
            y = nodes[edge.source]
            if edge.op == "none":
                y = y.mul(0.0)
            else:
                y = part(functional.relu(y) if isinstance(part, ConvBN) else y)
            nodes[edge.target] = nodes[edge.target] + y if edge.target in nodes else y
        return nodes[max(nodes)]


class CarefulCell(AuthorsCell):
    """Only live edges, and one ReLU a node. Parts that stay idle keep their names and weights."""

    def __init__(self, edges, cell, channels):
        super().__init__(edges, cell, channels)
        live = live_nodes(edges)
        self.work = [(e, p) for e, p in zip(self.edges, self.parts)
                     if e.op != "none" and e.source in live and e.target in live]
        self.output = max(e.target for e in edges)

    def forward(self, x):
        nodes, rectified = {0: x}, {}
        for edge, part in self.work:
            y = nodes[edge.source]
            if isinstance(part, ConvBN):
                if edge.source not in rectified:
                    rectified[edge.source] = functional.relu(y)
                y = rectified[edge.source]
            y = part(y)
            nodes[edge.target] = nodes[edge.target] + y if edge.target in nodes else y
        return nodes[self.output] if self.output in nodes else torch.zeros_like(x)


class Reduction(nn.Module):
    """Halves the image and doubles the channels between two stages."""

    def __init__(self, number, inputs):
        super().__init__()
        name = f"reduce{number}"
        self.first = ConvBN(f"{name}.conv1", inputs, 2 * inputs, 3, stride=2)
        self.second = ConvBN(f"{name}.conv2", 2 * inputs, 2 * inputs, 3)
        self.shortcut = nn.Conv2d(inputs, 2 * inputs, 1, bias=False)
        self.shortcut.canonical = f"{name}.shortcut"

    def forward(self, x):
        main = self.second(functional.relu(self.first(functional.relu(x))))
        return main + self.shortcut(functional.avg_pool2d(x, 2, 2))


class Network(nn.Module):
    def __init__(self, arch, cell_class):
        super().__init__()
        edges = parse_cell(arch)
        self.stem = ConvBN("stem.conv", 3, CHANNELS, 3)
        body, channels = [], CHANNELS
        for stage in range(STAGES):
            if stage:
                body.append(Reduction(stage, channels))
                channels *= 2
            first = stage * CELLS_PER_STAGE
            body += [cell_class(edges, cell, channels) for cell in range(first, first + CELLS_PER_STAGE)]
        self.body = nn.Sequential(*body)
        self.last_norm = nn.BatchNorm2d(channels)
        self.classifier = nn.Linear(channels, CLASSES)
        self.classifier.canonical = "head.linear"
        self.fill()

    def scored(self):
        """Weights that enter the score: of every convolution and of the classifier."""
        return [m.weight for m in self.modules() if hasattr(m, "canonical")]

    @torch.no_grad()
    def fill(self):
        for module in self.modules():
            if hasattr(module, "canonical"):
                bound = 1.0 / math.sqrt(module.weight[0].numel())
                for part in ("weight", "bias"):
                    tensor = getattr(module, part)
                    if tensor is not None:
                        tensor.copy_(symmetric(f"{module.canonical}.{part}", tuple(tensor.shape), bound))

    def forward(self, x):
        x = functional.relu(self.last_norm(self.body(self.stem(x))))
        return self.classifier(x.mean(dim=(2, 3)))


# ---- ZiCo -----------------------------------------------------------------------------------------
# sum over layers of ln( sum over coordinates of mean_b |g_b| / std_b(g_b) ): population deviation,
# coordinates without deviation left out, layers whose sum is 0 left out.


def zico_authors(network, weights, batches):
    history = {index: [] for index in range(len(weights))}
    for images, labels in batches:
        network.zero_grad()
        functional.cross_entropy(network(images), labels).backward()
        for index, weight in enumerate(weights):
            # A view of .grad would be overwritten by the next batch.
            history[index].append(weight.grad.flatten().numpy().copy())
    score = 0.0
    for gradients in map(numpy.array, history.values()):
        deviation = numpy.std(gradients, axis=0)
        moving = numpy.nonzero(deviation)[0]
        mean = numpy.mean(numpy.abs(gradients), axis=0)
        inner = numpy.sum(mean[moving] / deviation[moving])
        if inner != 0:
            score += float(numpy.log(inner))
    return score


def zico_best(network, weights, batches, history):
    for row, (images, labels) in enumerate(batches):
        loss = functional.cross_entropy(network(images), labels)
        for rows, gradient in zip(history, torch.autograd.grad(loss, weights, allow_unused=True)):
            if gradient is not None:  # idle weights keep the zeros of their rows
                rows[row].copy_(gradient)
    score = 0.0
    for rows in history:
        flat = rows.flatten(1)
        deviation = flat.std(dim=0, unbiased=False)
        ratio = flat.abs().mean(dim=0).div_(deviation)
        inner = ratio.masked_fill_(deviation == 0, 0.0).sum().item()
        if inner != 0:
            score += math.log(inner)
    return score


# ---- timing ---------------------------------------------------------------------------------------


def measure(score_once, repeat):
    """(median CPU seconds of `repeat` passes after a discarded one, score)."""
    score_once()
    seconds = []
    for _ in range(repeat):
        start = time.process_time()
        score = score_once()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), score


def measure_authors(arch, batches, repeat):
    network = Network(arch, AuthorsCell).train()
    weights = network.scored()
    return measure(lambda: zico_authors(network, weights, batches), repeat) + ("nchw",)


def measure_best(arch, batches, repeat, layout):
    network = Network(arch, CarefulCell).train().to(memory_format=LAYOUTS[layout])
    weights = network.scored()
    history = [torch.zeros((len(batches),) + tuple(w.shape)) for w in weights]
    arranged = [(x.contiguous(memory_format=LAYOUTS[layout]), y) for x, y in batches]
    return measure(lambda: zico_best(network, weights, arranged, history), repeat) + (layout,)


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", choices=("authors", "best"), default="best")
    parser.add_argument("--layout", choices=("auto",) + tuple(LAYOUTS), default="auto",
                        help="of style best; auto measures both")
    parser.add_argument("--batches", type=positive, default=4)
    parser.add_argument("--batch-size", type=positive, default=64)
    parser.add_argument("--repeat", type=positive, default=3)
    return parser.parse_args()


def main():
    options = arguments()
    torch.set_num_threads(1)
    batches = formula_batches(options.batches, options.batch_size)
    layouts = LAYOUTS if options.layout == "auto" else (options.layout,)
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("arch", "style", "layout", "seconds_cpu", "zico"))
    for arch in filter(None, map(str.strip, sys.stdin)):
        if options.style == "authors":
            seconds, score, layout = measure_authors(arch, batches, options.repeat)
        else:
            seconds, score, layout = min(measure_best(arch, batches, options.repeat, each)
                                         for each in layouts)
        rows.writerow((arch, options.style, layout, f"{seconds:.6f}", f"{score:.9g}"))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
