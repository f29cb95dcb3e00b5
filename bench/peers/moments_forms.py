"""Moments of resident gradients, dense and row-sparse, in torch and numpy (kernels/contract/moments.h).

Of k gradients g_b: the sum over coordinates whose population deviation is not zero of
mean_b |g_b| / std_b(g_b); the number of the others; and theta . sum_b g_b. `whole` is what one writes
first, as the authors' code does (torch's own std takes seconds for it); the others go over pieces that
stay in a second-level cache, in buffers allocated beforehand, with few operations a piece:
    mean |g| / std = sum |g| / sqrt(k * sum (g - mean)^2)
Sums of a piece are float32, in pairs; pieces are added in double.
"""
import functools
import math

import numpy
import torch

from kernel_setup import Setup, floats, indices

BATCHES = 4  # of the row-sparse load
DENSE_FLOATS = 3 << 24  # larger tables are not spread out into dense gradients
NUMPY_PIECE, TORCH_PIECE = 8192, 32768  # coordinates; torch's operations cost more to call
LONG_NUMPY_PIECE, SHORT_TORCH_PIECE = 32768, 16384


# ---- pieces ---------------------------------------------------------------------------------------


class NumpyPieces:
    """Sums over a piece of all gradients; unrolled, since reductions along a short axis are slow."""

    def __init__(self, most):
        self.buffers = numpy.zeros((4, most), numpy.float32)
        self.mask = numpy.zeros(most, bool)

    def sums(self, part, theta):
        """part (k,m), theta (m) or None: (ratio, coordinates without deviation, theta . sum)."""
        k, count = part.shape
        total, spread, size, work = self.buffers[:, :count]
        numpy.add(part[0], part[1], out=total)
        for row in part[2:]:
            numpy.add(total, row, out=total)
        dot = 0.0 if theta is None else float(numpy.dot(total, theta))
        mean = numpy.multiply(total, numpy.float32(1.0 / k), out=total)
        for index, row in enumerate(part):
            numpy.subtract(row, mean, out=work)
            if index == 0:
                numpy.multiply(work, work, out=spread)
                numpy.absolute(row, out=size)
                continue
            numpy.add(spread, numpy.multiply(work, work, out=work), out=spread)
            numpy.add(size, numpy.absolute(row, out=work), out=size)
        still = self.leave_out_still(spread, count)
        numpy.divide(size, numpy.sqrt(spread, out=spread), out=size)
        return float(size.sum()) / math.sqrt(k), still, dot

    def leave_out_still(self, spread, count):
        """Without deviation: divided by infinity. How many those are."""
        if spread.min() > 0:
            return 0
        mask = numpy.equal(spread, 0, out=self.mask[:count])
        numpy.putmask(spread, mask, numpy.float32(numpy.inf))
        return int(numpy.count_nonzero(mask))


class TorchPieces:
    """The same in torch."""

    def __init__(self, most):
        self.buffers = torch.zeros(4, most)

    def sums(self, part, theta):
        k, count = part.shape
        total, spread, size, work = self.buffers[:, :count].unbind()
        rows = part.unbind()
        torch.add(rows[0], rows[1], out=total)
        for row in rows[2:]:
            total.add_(row)
        dot = 0.0 if theta is None else torch.dot(total, theta).item()
        mean = total.mul_(1.0 / k)
        torch.abs(rows[0], out=size)
        torch.sub(rows[0], mean, out=work)
        torch.mul(work, work, out=spread)
        for row in rows[1:]:
            torch.sub(row, mean, out=work)
            spread.addcmul_(work, work)
            size.add_(torch.abs(row, out=work))
        still = 0
        if not spread.min().item() > 0:
            mask = spread == 0
            still = int(torch.count_nonzero(mask))
            spread.masked_fill_(mask, math.inf)
        return size.div_(spread.sqrt_()).sum().item() / math.sqrt(k), still, dot


def in_pieces(pieces, gradients, theta, length):
    """(ratio, still, dot) of gradients (k,n)."""
    ratio, still, dot = 0.0, 0, 0.0
    for first in range(0, gradients.shape[1], length):
        part = slice(first, first + length)
        found = pieces.sums(gradients[:, part], None if theta is None else theta[part])
        ratio, still, dot = ratio + found[0], still + found[1], dot + found[2]
    return ratio, still, dot


# ---- dense: f32_grad_moments ----------------------------------------------------------------------


def numpy_whole(gradients, theta):
    """As the authors: whole arrays, the coordinates that move picked out."""
    deviation = numpy.std(gradients, axis=0)
    moving = numpy.nonzero(deviation)[0]
    mean = numpy.mean(numpy.abs(gradients), axis=0)
    ratio = numpy.sum(mean[moving] / deviation[moving])
    dot = 0.0 if theta is None else numpy.dot(numpy.sum(gradients, axis=0), theta)
    return ratio, len(deviation) - len(moving), dot


def best_dense_forms(gradients, theta):
    """The forms that are left when tables are spread out."""
    held = torch.from_numpy(gradients)
    weights = None if theta is None else torch.from_numpy(theta)
    by_numpy, by_torch = NumpyPieces(NUMPY_PIECE), TorchPieces(TORCH_PIECE)
    return {
        "numpy whole": lambda: numpy_whole(gradients, theta),
        f"numpy pieces of {NUMPY_PIECE}": lambda: in_pieces(by_numpy, gradients, theta, NUMPY_PIECE),
        f"torch pieces of {TORCH_PIECE}": lambda: in_pieces(by_torch, held, weights, TORCH_PIECE)}


def dense_forms(gradients, theta):
    held = torch.from_numpy(gradients)
    weights = None if theta is None else torch.from_numpy(theta)
    by_numpy, by_torch = NumpyPieces(LONG_NUMPY_PIECE), TorchPieces(SHORT_TORCH_PIECE)
    return {
        **best_dense_forms(gradients, theta),
        f"torch pieces of {SHORT_TORCH_PIECE}":
            lambda: in_pieces(by_torch, held, weights, SHORT_TORCH_PIECE),
        f"numpy pieces of {LONG_NUMPY_PIECE}":
            lambda: in_pieces(by_numpy, gradients, theta, LONG_NUMPY_PIECE)}


def reference_sums(gradients, theta):
    """In float64, a million coordinates at a time."""
    ratio, still, dot = 0.0, 0, 0.0
    for first in range(0, gradients.shape[1], 1 << 20):
        part = gradients[:, first:first + (1 << 20)].astype(numpy.float64)
        deviation = part.std(axis=0)
        moving = (part != part[0]).any(axis=0)
        ratio += (numpy.abs(part).mean(axis=0)[moving] / deviation[moving]).sum()
        still += part.shape[1] - int(moving.sum())
        if theta is not None:
            dot += part.sum(axis=0) @ theta[first:first + (1 << 20)].astype(numpy.float64)
    return ratio, still, dot


def grad_moments(shape, seed):
    rng = numpy.random.default_rng(seed)
    n = shape.size("n")
    gradients = floats(rng, shape.size("k"), n)
    theta = floats(rng, n) if shape.size("theta", 0) else None
    return Setup(dense_forms(gradients, theta),
                 functools.cache(lambda: reference_sums(gradients, theta)))


# ---- row-sparse: f32_row_moments ------------------------------------------------------------------


class Tables:
    """`tables` tables of rows x dim, one behind the other, and the gradients of BATCHES batches: ids
    (ascending, each once) over all tables, and their rows. Every table is a module of its own."""

    def __init__(self, shape, seed):
        rng = numpy.random.default_rng(seed)
        self.n, self.rows, self.dim = shape.size("tables", 1), shape.size("rows"), shape.size("dim")
        how, lookups = shape.get("idx", "uniform"), shape.size("lookups")
        self.ids = [numpy.concatenate([numpy.unique(indices(rng, lookups, self.rows, how)) + t * self.rows
                                       for t in range(self.n)]) for _ in range(BATCHES)]
        self.grads = [floats(rng, len(ids), self.dim) for ids in self.ids]
        self.theta = floats(rng, self.n * self.rows, self.dim)
        self.total = self.n * self.rows * self.dim
        self.starts = self.rows * numpy.arange(self.n + 1)  # of the tables

    def dense(self):
        """(BATCHES, all coordinates)"""
        out = numpy.zeros((BATCHES, self.n * self.rows, self.dim), numpy.float32)
        for batch, ids, grad in zip(out, self.ids, self.grads):
            batch[ids] = grad
        return out.reshape(BATCHES, -1)

    def reference(self):
        """What by_table makes of the tables' sums."""
        union = functools.reduce(numpy.union1d, self.ids)
        touched = numpy.zeros((BATCHES, len(union), self.dim), numpy.float32)
        for batch, ids, grad in zip(touched, self.ids, self.grads):
            batch[numpy.searchsorted(union, ids)] = grad
        bounds = numpy.searchsorted(union, self.starts)
        theta = self.theta[union]
        found = [reference_sums(touched[:, low:high].reshape(BATCHES, -1), theta[low:high].reshape(-1))
                 for low, high in zip(bounds, bounds[1:])]
        return by_table(found, self.total - theta.size)


def by_table(found, untouched):
    """[(ratio, still, dot)] of the tables as: the ratio of each table, all coordinates without
    deviation, theta . sum over all."""
    return ([each[0] for each in found], sum(each[1] for each in found) + untouched,
            sum(each[2] for each in found))


def row_moments(shape, seed):
    own = Tables(shape, seed)
    forms = {f"torch sparse, {how}": torch_sparse(own, how) for how in ("unique", "marked")}
    forms.update({f"numpy sparse, {how}": numpy_sparse(own, how) for how in ("unique", "marked")})
    if own.total <= DENSE_FLOATS:
        forms.update(spread_out(own))
    return Setup(forms, functools.cache(own.reference))


def spread_out(own):
    """The dense forms on dense gradients of the tables, one table after the other."""
    theta, gradients = own.theta.reshape(-1), own.dense()
    span = own.rows * own.dim
    tables = [best_dense_forms(gradients[:, first:first + span], theta[first:first + span])
              for first in range(0, own.total, span)]

    def form_of(name):
        return lambda: by_table([table[name]() for table in tables], 0)
    return {f"dense, {name}": form_of(name) for name in tables[0]}


def table_by_table(own, pieces, length, touched, theta, bounds):
    """Touched rows (BATCHES,rows,dim) and their parameters (rows,dim), cut at the tables' bounds."""
    found = [in_pieces(pieces, touched[:, low:high].reshape(BATCHES, -1), theta[low:high].reshape(-1), length)
             for low, high in zip(bounds, bounds[1:])]
    return by_table(found, own.total - len(theta) * own.dim)


def numpy_sparse(own, how):
    """Touched rows side by side, zeros where a batch did not touch one. They are found by sorting, or
    by marks in a list of all rows."""
    space = numpy.zeros((BATCHES, sum(map(len, own.ids)), own.dim), numpy.float32)
    pieces = NumpyPieces(LONG_NUMPY_PIECE)
    marks, place = numpy.zeros(own.n * own.rows, bool), numpy.zeros(own.n * own.rows, numpy.int64)

    def marked():
        for ids in own.ids:
            marks[ids] = True
        union = numpy.flatnonzero(marks)
        marks[union] = False
        place[union] = numpy.arange(len(union))
        return union, [place.take(ids) for ids in own.ids]

    def unique():
        union, inverse = numpy.unique(numpy.concatenate(own.ids), return_inverse=True)
        return union, numpy.split(inverse, numpy.cumsum([len(ids) for ids in own.ids[:-1]]))

    find = {"marked": marked, "unique": unique}[how]

    def form():
        union, places = find()
        touched = space[:, :len(union)]
        touched.fill(0.0)
        for batch, at, grad in zip(touched, places, own.grads):
            batch[at] = grad
        bounds = numpy.searchsorted(union, own.starts)
        return table_by_table(own, pieces, LONG_NUMPY_PIECE, touched, own.theta.take(union, axis=0), bounds)
    return form


def torch_sparse(own, how):
    space = torch.zeros(BATCHES, sum(map(len, own.ids)), own.dim)
    pieces = TorchPieces(TORCH_PIECE)
    lists = [torch.from_numpy(ids) for ids in own.ids]
    grads = [torch.from_numpy(grad) for grad in own.grads]
    theta, starts = torch.from_numpy(own.theta), torch.from_numpy(own.starts)
    marks = torch.zeros(own.n * own.rows, dtype=torch.bool)
    place = torch.zeros(own.n * own.rows, dtype=torch.int64)

    def marked():
        for ids in lists:
            marks.index_fill_(0, ids, True)
        union = marks.nonzero()[:, 0]
        marks.index_fill_(0, union, False)
        place.index_copy_(0, union, torch.arange(len(union)))
        return union, [place.index_select(0, ids) for ids in lists]

    def unique():
        union, inverse = torch.unique(torch.cat(lists), return_inverse=True)
        return union, inverse.split([len(ids) for ids in lists])

    find = {"marked": marked, "unique": unique}[how]

    def form():
        union, places = find()
        touched = space[:, :len(union)].zero_()
        for batch, at, grad in zip(touched, places, grads):
            batch.index_copy_(0, at, grad)
        bounds = torch.searchsorted(union, starts).tolist()
        return table_by_table(own, pieces, TORCH_PIECE, touched, theta.index_select(0, union), bounds)
    return form
