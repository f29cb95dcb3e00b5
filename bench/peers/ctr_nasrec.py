"""NASRec in PyTorch, for ctr_torch.py: stand-alone networks, and paths of NASRec-Small's supernet.

Sparse tensors, n rows of 16 numbers for each sample, are (batch, n, 16) in style `authors`, as the
published code has them; in style `best` (batch, 16, n), so that layers along the rows need no
transposition.
"""
import collections
import math

import torch
from torch.nn import functional

from ctr_models import DENSE, DIM, FIELDS, CarefulDots, authors_dots, pairs

BLOCKS, WIDTH, ROWS, MERGED = 7, 1024, 64, 8
MERGED_WIDTH = MERGED * DIM

# The authors' best network for Criteo in the space NASRec-Small:
# operations | numbers, rows | mergers | dense inputs; sparse inputs; left, right
PUBLISHED = {
    "criteo-small": "F,E|256,48|i|0;0;0,0 D,E|1024,48|if|1;0,1;1,0 F,E|128,16|i|0,2;0,1,2;0,0 "
                    "F,E|16,48|f|2;0,2;1,2 D,E|128,32|-|0,2,3,4;2,4;2,0 "
                    "F,E|16,64|i|0,1,2,5;1,2,5;3,5 F,E|1024,64|-|0,3,5;0,1,2,5;0,5",
}

Block = collections.namedtuple("Block", "dense_ops width rows to_sparse fm dense sparse")


def parse_path(text):
    """The blocks of an architecture's text."""
    blocks = []
    for word in text.split():
        ops, sizes, merges, inputs = word.split("|")
        width, rows = map(int, sizes.split(","))
        dense, sparse, _ = inputs.split(";")
        blocks.append(Block(ops.split(",")[0], width, rows, "i" in merges, "f" in merges,
                            sorted(map(int, dense.split(","))), sorted(map(int, sparse.split(",")))))
    return blocks


def full_path():
    """Everything that NASRec-Small's supernet has."""
    return [Block("FD", WIDTH, ROWS, True, True, list(range(b)), list(range(b)))
            for b in range(1, BLOCKS + 1)]


def blocks_of(path):
    return full_path() if path == "full" else parse_path(PUBLISHED[path])


def balanced_rows(width):
    """Rows whose pairs, with one more, are about as many as `width`."""
    return round(math.sqrt(2 * width))


# ---- what its two forms share ---------------------------------------------------------------------


def fm(rows, axis):
    """(sum of rows)^2 - sum of rows^2, where rows lie along `axis`."""
    total = rows.sum(axis)
    return total * total - (rows * rows).sum(axis)


def cat(tensors, axis):
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors, axis)


class Site:
    """Layers of one block. Sparse tensors have their rows along `axis`: 1, careful 2."""

    def __init__(self, numbers, careful, number):
        self.numbers, self.careful, self.number = numbers, careful, number
        self.axis = 2 if careful else 1

    def name(self, part):
        return f"block{self.number}.{part}"

    def along_rows(self, x, layer):
        """`layer` on the rows of each column."""
        return layer(x) if self.careful else layer(x.transpose(1, 2)).transpose(1, 2)

    def dots(self, x, y):
        """Of the row x (batch, 16) and those of y."""
        if self.careful:
            return CarefulDots.apply(torch.cat((x.unsqueeze(2), y), 2).transpose(1, 2).contiguous())
        return authors_dots(torch.cat((x.unsqueeze(1), y), 1))

    def as_rows(self, x):
        """(batch, 128) as eight rows."""
        rows = x.view(-1, MERGED, DIM)
        return rows.transpose(1, 2) if self.careful else rows


def evaluate(form, blocks, careful, features):
    """Dense and sparse output of the last block; careful: without what they do not need.

    `form` computes a block's parts: its operators' sums `dense` and `sparse`, and its outputs, which
    the mergers make of them.
    """
    last = len(blocks)
    known = {("dense_out", 0): features[0], ("sparse_out", 0): features[1]}

    def get(part, b):
        if (part, b) not in known:
            known[part, b] = getattr(form, part)(get, b, blocks[b - 1])
        return known[part, b]

    for b in range(last if careful else 1, last + 1):
        outputs = get("dense_out", b), get("sparse_out", b)
    return outputs


# ---- NASRec: stand-alone, without layer norms -----------------------------------------------------


class Network:
    def __init__(self, numbers, careful):
        self.numbers, self.careful = numbers, careful

    def site(self, b):
        return Site(self.numbers, self.careful, b)

    def rows(self, get, b, block):
        return cat([get("sparse_out", j) for j in block.sparse], self.site(b).axis)

    def dense(self, get, b, block):
        site = self.site(b)
        x = cat([get("dense_out", j) for j in block.dense], 1)
        if block.dense_ops == "F":
            return functional.relu(self.numbers.linear(x, site.name("fc.linear"), block.width))
        rows, count = self.rows(get, b, block), balanced_rows(block.width)
        if x.shape[1] != DIM:
            x = self.numbers.linear(x, site.name("dot.dense_proj"), DIM)
        if rows.shape[site.axis] != count:
            rows = site.along_rows(
                rows, lambda t: self.numbers.linear(t, site.name("dot.row_proj"), count))
        x = site.dots(x, rows)
        if pairs(count + 1) != block.width:
            x = self.numbers.linear(x, site.name("dot.out_proj"), block.width)
        return x

    def sparse(self, get, b, block):
        site = self.site(b)
        return site.along_rows(self.rows(get, b, block), lambda t: functional.relu(
            self.numbers.linear(t, site.name("efc.linear"), block.rows)))

    def dense_out(self, get, b, block):
        site, d = self.site(b), get("dense", b)
        if not block.fm:
            return d
        vector = fm(get("sparse", b), site.axis)
        return d + (vector if block.width == DIM
                    else self.numbers.linear(vector, site.name("fm_proj"), block.width))

    def sparse_out(self, get, b, block):
        site, s = self.site(b), get("sparse", b)
        if not block.to_sparse:
            return s
        new = (get("dense_out", b) if block.width == MERGED_WIDTH  # the rows themselves, after FM
               else self.numbers.linear(get("dense", b), site.name("to_sparse"), MERGED_WIDTH))
        return torch.cat((s, site.as_rows(new)), site.axis)


# ---- NASRec: the supernet, with layer norms over its full widths ----------------------------------
# authors: every tensor at full width, zeros for inputs that are not chosen, prefix masks.
# best: chosen inputs and live numbers alone; weights are views of the columns that meet them.

# A tensor, and which of the supernet's columns (of a sparse one: rows) it has.
Live = collections.namedtuple("Live", "tensor ranges")


def merge_ranges(ranges):
    """Ranges that touch are one."""
    merged = []
    for first, end in ranges:
        if merged and merged[-1][1] == first:
            merged[-1] = merged[-1][0], end
        else:
            merged.append((first, end))
    return merged


def shifted(ranges, shift, scale=1):
    return [(shift + scale * first, shift + scale * end) for first, end in ranges]


class Supernet:
    def __init__(self, numbers, careful):
        self.numbers, self.careful = numbers, careful

    def site(self, b):
        return Site(self.numbers, self.careful, b)

    def normed(self, site, live, part, norm, shape):
        """Linear layer, weight of `shape`, and the layer norm behind it."""
        weight = self.numbers.weight(site.name(part), *shape, live.ranges if self.careful else None)
        return self.numbers.layer_norm(functional.linear(live.tensor, weight), site.name(norm))

    def normed_rows(self, site, live, part, norm, shape):
        return site.along_rows(live.tensor, lambda t: self.normed(
            site, Live(t, live.ranges), part, norm, shape))

    def prefix(self, x, live, axis):
        """The first `live` numbers; style authors: at full width, times a mask."""
        if self.careful:
            return x.narrow(axis, 0, live) if live < x.shape[axis] else x
        mask = torch.zeros(x.shape[axis])
        mask[:live] = 1.0
        return x * (mask if x.dim() == 2 else mask.view(-1, 1))

    def inputs(self, get, part, choice, b):
        """The chosen inputs side by side; style authors: all, zeros for the others."""
        raw, step, axis = ((DENSE, WIDTH, 1) if part == "dense_out"
                           else (FIELDS, ROWS + MERGED, self.site(b).axis))
        tensors, ranges = [], []
        for j in range(b):
            if j in choice:
                live = get(part, j)
                tensors.append(live.tensor)
                ranges += shifted(live.ranges, 0 if j == 0 else raw + step * (j - 1))
            elif not self.careful:
                tensors.append(torch.zeros_like(get(part, j).tensor))
        columns = raw + step * (b - 1)
        return Live(cat(tensors, axis), merge_ranges(ranges)), columns

    def dense(self, get, b, block):
        site, terms = self.site(b), []
        x, columns = self.inputs(get, "dense_out", block.dense, b)
        if "F" in block.dense_ops:
            y = self.normed(site, x, "fc.linear", "fc.ln", (WIDTH, columns))
            terms.append(self.prefix(functional.relu(y), block.width, 1))
        if "D" in block.dense_ops:
            rows, row_columns = self.inputs(get, "sparse_out", block.sparse, b)
            count = balanced_rows(WIDTH)
            y = self.normed(site, x, "dot.dense_proj", "dot.dense_ln", (DIM, columns))
            rows = self.normed_rows(site, rows, "dot.row_proj", "dot.row_ln", (count, row_columns))
            y = self.whole(site, site.dots(y, rows), "dot.out_proj", "dot.out_ln")
            terms.append(self.prefix(y, block.width, 1))
        return terms[0] if len(terms) == 1 else terms[0] + terms[1]

    def whole(self, site, x, part, norm):
        """To the full width, from all columns."""
        return self.normed(site, Live(x, None), part, norm, (WIDTH, x.shape[1]))

    def sparse(self, get, b, block):
        site = self.site(b)
        rows, columns = self.inputs(get, "sparse_out", block.sparse, b)
        s = self.normed_rows(site, rows, "efc.linear", "efc.ln", (ROWS, columns))
        return self.prefix(functional.relu(s), block.rows, site.axis)

    def dense_out(self, get, b, block):
        site, d = self.site(b), get("dense", b)
        if block.fm:
            vector = self.whole(site, fm(get("sparse", b), site.axis), "fm_proj", "fm_ln")
            d = d + self.prefix(vector, block.width, 1)
        return Live(d, [(0, block.width)])

    def sparse_out(self, get, b, block):
        site, s = self.site(b), get("sparse", b)
        ranges = [(0, block.rows)]
        if block.to_sparse:
            new = self.normed(site, Live(get("dense", b), [(0, block.width)]), "to_sparse",
                              "to_sparse_ln", (MERGED_WIDTH, WIDTH))
            s = torch.cat((s, site.as_rows(new)), site.axis)
            ranges.append((ROWS, ROWS + MERGED))
        elif not self.careful:
            s = torch.cat((s, s.new_zeros(s.shape[0], MERGED, DIM)), 1)
        return Live(s, ranges)


# ---- both -----------------------------------------------------------------------------------------


def head(numbers, careful, dense, rows, ranges=None):
    """The logit of a block's outputs, rows one behind the other."""
    x = torch.cat((dense, (rows.transpose(1, 2) if careful else rows).flatten(1)), 1)
    columns = x.shape[1] if ranges is None else WIDTH + DIM * (ROWS + MERGED)
    return functional.linear(x, numbers.weight("final", 1, columns, ranges),
                             numbers.bias("final", 1, columns))


def nasrec(form_class, path):
    blocks = blocks_of(path)

    def forward(numbers, careful, dense, rows):
        rows = rows.transpose(1, 2).contiguous() if careful else rows
        form = form_class(numbers, careful)
        if form_class is Network:
            return head(numbers, careful, *evaluate(form, blocks, careful, (dense, rows)))
        features = Live(dense, [(0, DENSE)]), Live(rows, [(0, FIELDS)])
        d, s = evaluate(form, blocks, careful, features)
        ranges = merge_ranges(d.ranges + shifted(s.ranges, WIDTH, DIM)) if careful else None
        return head(numbers, careful, d.tensor, s.tensor, ranges)

    return forward
