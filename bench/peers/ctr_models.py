"""DLRM and DCNv2 in PyTorch, for ctr_torch.py, and what ctr_nasrec.py shares with them: parameters by
name and formula, as `bench_sigeo --data formula` has them, and dot products of rows.

Models are functions of (numbers, careful, dense (batch, 13), rows (batch, 26, 16)): `numbers` hands
out their parameters, `careful` is style best.
"""
import torch
from torch.nn import functional

from nb201_zico import symmetric

DENSE, FIELDS, DIM = 13, 26, 16


def pairs(rows):
    return rows * (rows - 1) // 2


# ---- parameters -----------------------------------------------------------------------------------


class Numbers:
    """The parameters of a network, made by the formulas when they are first asked for.

    `weight` may be asked for some columns alone. It is then made of leaves that are views of these
    columns, so that neither the gradient nor an optimiser's step touches the others.
    """

    def __init__(self):
        self.whole = {}
        self.leaves = {}  # name -> tensors that learn
        self.places = {}  # name -> function from a whole tensor to the views that learn

    def _make(self, name, values):
        if name not in self.whole:
            self.whole[name] = values()
            parts = self.places.get(name, lambda tensor: [tensor])(self.whole[name])
            self.leaves[name] = [part.detach().requires_grad_() for part in parts]
        return self.leaves[name]

    def weight(self, module, out, columns, ranges=None):
        """(out, columns), or the columns in `ranges`, [(first, end)], side by side."""
        name = module + ".weight"
        if ranges is not None:
            self.places[name] = lambda tensor: [tensor[:, first:end] for first, end in ranges]
        leaves = self._make(name, lambda: symmetric(name, (out, columns), columns**-0.5))
        return leaves[0] if len(leaves) == 1 else torch.cat(leaves, 1)

    def bias(self, module, out, columns):
        name = module + ".bias"
        return self._make(name, lambda: symmetric(name, (out,), columns**-0.5))[0]

    def norm(self, module, width):
        """Scale and shift of a layer norm."""
        return (self._make(module + ".gamma", lambda: torch.ones(width))[0],
                self._make(module + ".beta", lambda: torch.zeros(width))[0])

    def linear(self, x, module, out):
        return functional.linear(x, self.weight(module, out, x.shape[-1]),
                                 self.bias(module, out, x.shape[-1]))

    def layer_norm(self, x, module):
        return functional.layer_norm(x, (x.shape[-1],), *self.norm(module, x.shape[-1]), 1e-5)

    def beside(self):
        """For an optimiser's state: zeros of every leaf, in the order of all_leaves."""
        state = {name: torch.zeros_like(tensor) for name, tensor in self.whole.items()}
        return [part for name in self.leaves
                for part in self.places.get(name, lambda tensor: [tensor])(state[name])]

    def all_leaves(self):
        return [leaf for leaves in self.leaves.values() for leaf in leaves]


# ---- dot products of rows -------------------------------------------------------------------------


def authors_dots(rows):
    """(batch, n, 16) -> the n (n-1) / 2 products of pairs, by a pair of index lists."""
    products = torch.bmm(rows, rows.transpose(1, 2))
    lower = torch.tril_indices(rows.shape[1], rows.shape[1], -1)
    return products[:, lower[0], lower[1]]


class CarefulDots(torch.autograd.Function):
    """The same by one index list; backward it gathers both triangles at once, zeros between them."""

    lists = {}

    @classmethod
    def indices(cls, n):
        if n not in cls.lists:
            lower = torch.tril_indices(n, n, -1)
            both = torch.full((n, n), pairs(n), dtype=torch.int64)
            both[lower[0], lower[1]] = both[lower[1], lower[0]] = torch.arange(pairs(n))
            cls.lists[n] = lower[0] * n + lower[1], both.flatten()
        return cls.lists[n]

    @staticmethod
    def forward(ctx, rows):
        ctx.save_for_backward(rows)
        products = torch.bmm(rows, rows.transpose(1, 2))
        return products.flatten(1).index_select(1, CarefulDots.indices(rows.shape[1])[0])

    @staticmethod
    def backward(ctx, gradient):
        rows, = ctx.saved_tensors
        n = rows.shape[1]
        padded = functional.pad(gradient, (0, 1))
        symmetric_gradient = padded.index_select(1, CarefulDots.indices(n)[1]).view(-1, n, n)
        return torch.bmm(symmetric_gradient, rows)


# ---- hand-crafted models --------------------------------------------------------------------------


def hidden_layers(numbers, x, name, widths):
    for index, width in enumerate(widths):
        x = functional.relu(numbers.linear(x, f"{name}{index}", width))
    return x


def dlrm(numbers, careful, dense, rows):
    bottom = hidden_layers(numbers, dense, "bottom", (512, 256, 64, DIM))
    both = torch.cat((bottom.unsqueeze(1), rows), 1)
    dots = CarefulDots.apply(both) if careful else authors_dots(both)
    top = hidden_layers(numbers, torch.cat((bottom, dots), 1), "top", (512, 256))
    return numbers.linear(top, "top2", 1)


def dcnv2(numbers, careful, dense, rows):
    origin = torch.cat((rows.flatten(1), dense), 1)
    x = origin
    for k in range(3):
        projected = numbers.linear(x, f"cross{k}", x.shape[1])
        x = torch.addcmul(x, origin, projected) if careful else origin * projected + x
    deep = hidden_layers(numbers, origin, "mlp", (256, 128))
    return numbers.linear(torch.cat((x, deep), 1), "out", 1)
