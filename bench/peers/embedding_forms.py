"""Embedding bags, their gradient and a step of the touched rows in torch and numpy.

The contracts are those of kernels/contract/embedding.h. Indices are given as 32 and as 64 bits,
whichever suits a form; lists that do not depend on the indices (offsets, positions of bags) are made
beforehand, results that a form can write to are allocated beforehand.
"""
import functools

import numpy
import torch
from torch.nn import functional

from kernel_setup import Setup, by_autograd, floats, indices

RATE = 1e-2  # of a step: above the tolerance, so that a step left out shows; low enough to stay finite
WIDTHS = (("int64", torch.int64), ("int32", torch.int32))


def bag_lists(shape, rng):
    """(tables,batch,bag) of int64."""
    batch, bag, rows = shape.size("batch"), shape.size("bag"), shape.size("rows")
    how = shape.get("idx", "uniform")
    tables = [indices(rng, batch * bag, rows, how) for _ in range(shape.size("tables", 1))]
    return numpy.stack(tables).reshape(-1, batch, bag)


def mode_of(shape):
    return "mean" if shape.size("mean", 0) else "sum"


def pool(table, lists, offsets, mode, weights=None, sparse=False):
    return functional.embedding_bag(lists, table, offsets, mode=mode, sparse=sparse,
                                    per_sample_weights=weights, include_last_offset=True)


# ---- forward: f32_embbag, f32_embbag_tables -------------------------------------------------------


def pooled_reference(table, lists, weights, mode):
    """(batch,tables*dim)"""
    rows = table[lists].astype(numpy.float64)  # (batch,tables,bag,dim)
    if weights is not None:
        rows *= weights[:, None, :, None]
    return getattr(rows, mode)(axis=2).reshape(len(lists), -1)


def pooled(shape, seed):
    """Tables lie one behind the other. `stacked`: one call over all of them, its lists in the order of
    the samples and moved on by the rows of the tables before; else a call a table and a concatenation."""
    rng = numpy.random.default_rng(seed)
    rows, dim = shape.size("rows"), shape.size("dim")
    drawn = bag_lists(shape, rng)
    tables, batch, bag = drawn.shape
    table = floats(rng, tables * rows, dim)
    weights = floats(rng, batch, bag) if shape.size("weights", 0) else None
    stacked = (drawn + rows * numpy.arange(tables)[:, None, None]).transpose(1, 0, 2)
    mode = mode_of(shape)
    bags, forms = "embedding_bag" if tables == 1 else "embedding_bag stacked", {}
    for width, kind in WIDTHS:
        forms[f"torch {bags} {width}"] = bag_form(table, stacked, weights, mode, kind)
        if tables > 1:
            forms[f"torch embedding_bag per table {width}"] = tables_form(table, drawn, weights, mode, kind)
        if bag == 1 and weights is None:
            forms[f"torch index_select {width}"] = select_form(table, stacked, kind)
    if bag == 1 and weights is None:
        forms["numpy take"] = take_form(table, stacked)
    return Setup(forms, functools.cache(lambda: pooled_reference(table, stacked, weights, mode)))


def bag_form(table, stacked, weights, mode, kind):
    batch, tables, bag = stacked.shape
    held = torch.from_numpy(table)
    lists = torch.from_numpy(stacked.reshape(-1)).to(kind)
    offsets = torch.arange(0, batch * tables * bag + 1, bag, dtype=kind)
    each = None
    if weights is not None:
        each = torch.from_numpy(weights)[:, None, :].expand(stacked.shape).reshape(-1)
    return lambda: pool(held, lists, offsets, mode, each).view(batch, -1)


def tables_form(table, drawn, weights, mode, kind):
    tables, batch, bag = drawn.shape
    held = torch.from_numpy(table).view(tables, -1, table.shape[1])
    lists = torch.from_numpy(drawn.reshape(tables, -1)).to(kind)
    offsets = torch.arange(0, batch * bag + 1, bag, dtype=kind)
    each = None if weights is None else torch.from_numpy(weights.reshape(-1))
    out = torch.empty(batch, tables * table.shape[1])

    def form():
        parts = [pool(held[t], lists[t], offsets, mode, each) for t in range(tables)]
        return torch.cat(parts, dim=1, out=out)
    return form


def select_form(table, stacked, kind):
    held = torch.from_numpy(table)
    lists = torch.from_numpy(stacked.reshape(-1)).to(kind)
    out = torch.from_numpy(numpy.zeros((len(lists), table.shape[1]), numpy.float32))
    return lambda: torch.index_select(held, 0, lists, out=out).view(len(stacked), -1)


def take_form(table, stacked):
    lists = numpy.ascontiguousarray(stacked.reshape(-1))
    out = numpy.zeros((len(lists), table.shape[1]), numpy.float32)
    return lambda: numpy.take(table, lists, axis=0, out=out, mode="clip").reshape(len(stacked), -1)


# ---- backward -------------------------------------------------------------------------------------


class Occurrences:
    """The first table's indices of a batch, by row."""

    def __init__(self, shape, rng):
        drawn = bag_lists(shape, rng)
        self.tables, self.batch, self.bag = drawn.shape
        self.lists = numpy.ascontiguousarray(drawn[0].reshape(-1))
        order = numpy.argsort(self.lists, kind="stable")
        self.rows, starts, self.inverse = numpy.unique(self.lists[order], return_index=True,
                                                       return_inverse=True)
        self.starts = numpy.append(starts, len(order))
        self.bags = order // self.bag  # of each occurrence, in the order of the rows
        self.row_of = numpy.empty_like(order)  # of each position, counting touched rows
        self.row_of[order] = self.inverse
        self.scale = 1.0 / self.bag if shape.size("mean", 0) else 1.0
        # A field's part of a wider activation, as the kernel finds it.
        self.incoming = floats(rng, self.batch, self.tables, shape.size("dim"))[:, 0]

    def spread(self):
        """The bag of each position."""
        return numpy.repeat(numpy.arange(self.batch), self.bag)

    def reference(self):
        """(touched rows,dim): column by column, so that no float32 sum takes part."""
        incoming = self.incoming.astype(numpy.float64)[self.spread()] * self.scale
        columns = [numpy.bincount(self.row_of, incoming[:, c], len(self.rows))
                   for c in range(incoming.shape[1])]
        return numpy.stack(columns, axis=1)


def grouped_gradient(shape, seed):
    """f32_embbag_grad: the groups are known."""
    own = Occurrences(shape, numpy.random.default_rng(seed))
    incoming = torch.from_numpy(own.incoming)
    forms = {}
    for width, kind in WIDTHS:
        forms[f"torch embedding_bag of groups {width}"] = groups_form(own, incoming, kind)
    forms["torch index_add_"] = add_form(own, incoming)
    forms["numpy add.reduceat"] = reduce_form(own)
    return Setup(forms, functools.cache(own.reference))


def scaled(values, scale):
    return values if scale == 1.0 else values.mul_(scale)


def groups_form(own, incoming, kind):
    """The sum over a row's occurrences is a bag itself."""
    bags, starts = (torch.from_numpy(v).to(kind) for v in (own.bags, own.starts))
    return lambda: scaled(pool(incoming, bags, starts, "sum"), own.scale)


def add_form(own, incoming):
    row_of, spread = torch.from_numpy(own.row_of), torch.from_numpy(own.spread())
    out = torch.zeros(len(own.rows), incoming.shape[1])

    def form():
        source = incoming if own.bag == 1 else incoming.index_select(0, spread)
        return scaled(out.zero_().index_add_(0, row_of, source), own.scale)
    return form


def reduce_form(own):
    first, scale = own.starts[:-1], numpy.float32(own.scale)
    out = numpy.zeros((len(own.rows), own.incoming.shape[1]), numpy.float32)

    def form():
        numpy.add.reduceat(own.incoming[own.bags], first, axis=0, out=out)
        return out if own.scale == 1.0 else numpy.multiply(out, scale, out=out)
    return form


def whole_gradient(shape, seed):
    """u32_row_groups, then f32_embbag_grad: from indices to the touched rows and their gradient."""
    own = Occurrences(shape, numpy.random.default_rng(seed))
    # Of the table the backward pass knows the size alone.
    table = torch.from_numpy(numpy.zeros((shape.size("rows"), shape.size("dim")), numpy.float32))
    forms = {"torch sparse=True, coalesced": sparse_form(own, table, mode_of(shape)),
             "torch sort, embedding_bag": sort_form(own),
             "torch unique, index_add_": unique_form(own),
             "numpy argsort, add.reduceat": numpy_sort_form(own)}
    return Setup(forms, functools.cache(lambda: (own.rows, own.reference())))


def sparse_form(own, table, mode):
    """The backward pass alone: the graph of the forward pass is kept."""
    lists, incoming = torch.from_numpy(own.lists), torch.from_numpy(own.incoming)
    offsets = torch.arange(0, len(lists) + 1, own.bag)
    learnt = table.requires_grad_()
    out = pool(learnt, lists, offsets, mode, sparse=True)

    def form():
        gradient, = torch.autograd.grad(out, learnt, incoming, retain_graph=True)
        gradient = gradient.coalesce()
        return gradient.indices()[0], gradient.values()
    return by_autograd(form)


def row_groups(lists):
    """Occurring rows in ascending order; where the occurrences of each start, and end, among all; the
    occurrences in this order, as positions in `lists`."""
    in_order, order = torch.sort(lists, stable=True)
    rows, counts = torch.unique_consecutive(in_order, return_counts=True)
    starts = torch.zeros(len(rows) + 1, dtype=torch.int64)
    torch.cumsum(counts, 0, out=starts[1:])
    return rows, starts, order


def sort_form(own):
    lists, incoming = torch.from_numpy(own.lists), torch.from_numpy(own.incoming)

    def form():
        rows, starts, order = row_groups(lists)
        bags = order if own.bag == 1 else order.div_(own.bag, rounding_mode="floor")
        return rows, scaled(pool(incoming, bags, starts, "sum"), own.scale)
    return form


def unique_form(own):
    lists, incoming = torch.from_numpy(own.lists), torch.from_numpy(own.incoming)
    spread = torch.from_numpy(own.spread())

    def form():
        rows, row_of = torch.unique(lists, return_inverse=True)
        source = incoming if own.bag == 1 else incoming.index_select(0, spread)
        out = torch.zeros(len(rows), incoming.shape[1]).index_add_(0, row_of, source)
        return rows, scaled(out, own.scale)
    return form


def numpy_sort_form(own):
    scale = numpy.float32(own.scale)

    def form():
        order = numpy.argsort(own.lists, kind="stable")
        in_order = own.lists[order]
        first = numpy.flatnonzero(numpy.diff(in_order, prepend=-1))
        bags = order if own.bag == 1 else order // own.bag
        out = numpy.add.reduceat(own.incoming[bags], first, axis=0)
        return in_order[first], out if own.scale == 1.0 else numpy.multiply(out, scale, out=out)
    return form


# ---- step: f32_row_sgd ----------------------------------------------------------------------------


def row_sgd(shape, seed):
    """table[row] -= RATE * gradient for rows that occur once each. Every call goes one step on."""
    rng = numpy.random.default_rng(seed)
    rows = numpy.unique(bag_lists(shape, rng)[0])
    table = floats(rng, shape.size("rows"), shape.size("dim"))
    gradient = floats(rng, len(rows), table.shape[1])
    held, listed, given = (torch.from_numpy(v) for v in (table, rows, gradient))
    sparse = torch.sparse_coo_tensor(listed[None], given, held.shape).coalesce()

    def gather_form():
        moved = torch.index_select(held, 0, listed).sub_(given, alpha=RATE)
        return held.index_copy_(0, listed, moved)

    def numpy_form():
        table[rows] -= numpy.float32(RATE) * gradient
        return table

    forms = {"torch index_add_": lambda: held.index_add_(0, listed, given, alpha=-RATE),
             "torch index_select, index_copy_": gather_form,
             "torch add_ of a sparse tensor": lambda: held.add_(sparse, alpha=-RATE),
             "numpy indexing": numpy_form}
    return Setup(forms, lambda: table[rows].astype(numpy.float64) - RATE * gradient.astype(numpy.float64),
                 look=lambda result: numpy.asarray(result)[rows])
