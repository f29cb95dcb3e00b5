"""The dot interaction, forward and backward, in torch and numpy (kernels/contract/interaction.h).

dst (B,pairs) is the strictly lower triangle of X X^T of each sample X (rows,dim), row by row; backward
is dX = (D + D^T) X with D the triangle of ddst. Products of small matrices come from bmm, matmul or
einsum, the triangle out of them by an index or by slices; results that a form can write to are
allocated beforehand.
"""
import functools

import numpy
import torch

from kernel_setup import Setup, by_autograd, floats


class Samples:
    """src (batch,rows,dim), ddst (batch,pairs), and where the pairs lie in a (rows,rows) matrix."""

    def __init__(self, shape, seed):
        rng = numpy.random.default_rng(seed)
        self.batch, self.rows = shape.size("batch"), shape.size("rows")
        self.i, self.j = numpy.tril_indices(self.rows, -1)
        self.src = floats(rng, self.batch, self.rows, shape.size("dim"))
        self.ddst = floats(rng, self.batch, len(self.i))
        self.lower, self.upper = self.i * self.rows + self.j, self.j * self.rows + self.i

    def strips(self):
        """(row, its pairs): rows without pairs are left out."""
        return [(row, slice(row * (row - 1) // 2, row * (row + 1) // 2)) for row in range(1, self.rows)]

    def square(self):
        return numpy.zeros((self.batch, self.rows, self.rows), numpy.float32)

    def dot_reference(self):
        src = self.src.astype(numpy.float64)
        return numpy.stack([(src[:, i] * src[:, j]).sum(axis=1) for i, j in zip(self.i, self.j)], axis=1)

    def grad_reference(self):
        src, ddst = self.src.astype(numpy.float64), self.ddst.astype(numpy.float64)
        out = numpy.zeros_like(src)
        for pair, (i, j) in enumerate(zip(self.i, self.j)):
            out[:, i] += ddst[:, pair, None] * src[:, j]
            out[:, j] += ddst[:, pair, None] * src[:, i]
        return out


# ---- forward --------------------------------------------------------------------------------------


def dot(shape, seed):
    own = Samples(shape, seed)
    src = torch.from_numpy(own.src)
    turned = src.transpose(1, 2)
    square = torch.from_numpy(own.square())
    forms = {
        "torch bmm, index_select": selected(own, lambda: torch.bmm(src, turned, out=square)),
        "torch matmul, index_select": selected(own, lambda: torch.matmul(src, turned, out=square)),
        "torch einsum, index_select": selected(own, lambda: torch.einsum("bid,bjd->bij", src, src)),
        "torch bmm, [:, i, j]": indexed(own, lambda: torch.bmm(src, turned)),
        "torch products of rows": products(own, src),
        "numpy matmul, take": numpy_taken(own),
        "numpy matmul, slices": numpy_sliced(own)}
    return Setup(forms, functools.cache(own.dot_reference))


def selected(own, multiply):
    lower = torch.from_numpy(own.lower)
    out = torch.zeros(own.batch, len(lower))
    return lambda: torch.index_select(multiply().reshape(own.batch, -1), 1, lower, out=out)


def indexed(own, multiply):
    """As DLRM's own code has it."""
    i, j = torch.from_numpy(own.i), torch.from_numpy(own.j)
    return lambda: multiply()[:, i, j]


def products(own, src):
    """No matrices: both rows of every pair side by side."""
    i, j = torch.from_numpy(own.i), torch.from_numpy(own.j)
    left, right = (torch.zeros(own.batch, len(i), src.shape[2]) for _ in range(2))
    out = torch.zeros(own.batch, len(i))

    def form():
        torch.index_select(src, 1, i, out=left)
        torch.index_select(src, 1, j, out=right)
        return torch.sum(torch.mul(left, right, out=left), 2, out=out)
    return form


def numpy_taken(own):
    square, turned = own.square(), own.src.transpose(0, 2, 1)
    flat, out = square.reshape(own.batch, -1), numpy.zeros_like(own.ddst)

    def form():
        numpy.matmul(own.src, turned, out=square)
        return numpy.take(flat, own.lower, axis=1, out=out, mode="clip")
    return form


def numpy_sliced(own):
    square, turned = own.square(), own.src.transpose(0, 2, 1)
    out, strips = numpy.zeros_like(own.ddst), own.strips()

    def form():
        numpy.matmul(own.src, turned, out=square)
        for row, pairs in strips:
            out[:, pairs] = square[:, row, :row]
        return out
    return form


# ---- backward -------------------------------------------------------------------------------------


def dot_grad(shape, seed):
    own = Samples(shape, seed)
    forms = {"torch index_copy_, bmm": torch_scattered(own),
             "torch index_select, bmm": torch_gathered(own),
             "torch autograd of bmm, index_select": torch_autograd(own),
             "numpy take, matmul": numpy_gathered(own),
             "numpy slices, matmul": numpy_strips(own)}
    return Setup(forms, functools.cache(own.grad_reference))


def mirrored(own):
    """Where each element of the symmetric matrix comes from; the diagonal, from anywhere."""
    source = numpy.zeros(own.rows * own.rows, numpy.int64)
    source[own.lower] = source[own.upper] = numpy.arange(len(own.i))
    return source


def torch_scattered(own):
    """The diagonal stays zero from call to call."""
    src, ddst, square = (torch.from_numpy(v) for v in (own.src, own.ddst, own.square()))
    lower, upper = torch.from_numpy(own.lower), torch.from_numpy(own.upper)
    flat, out = square.view(own.batch, -1), torch.zeros_like(src)

    def form():
        flat.index_copy_(1, lower, ddst).index_copy_(1, upper, ddst)
        return torch.bmm(square, src, out=out)
    return form


def torch_gathered(own):
    src, ddst, square = (torch.from_numpy(v) for v in (own.src, own.ddst, own.square()))
    source = torch.from_numpy(mirrored(own))
    flat, out = square.view(own.batch, -1), torch.zeros_like(src)
    diagonal = square.diagonal(dim1=1, dim2=2)

    def form():
        torch.index_select(ddst, 1, source, out=flat)
        diagonal.zero_()
        return torch.bmm(square, src, out=out)
    return form


def torch_autograd(own):
    """The backward pass alone: the graph of the forward pass is kept."""
    src, ddst = torch.from_numpy(own.src).requires_grad_(), torch.from_numpy(own.ddst)
    product = torch.bmm(src, src.transpose(1, 2)).view(own.batch, -1)
    out = torch.index_select(product, 1, torch.from_numpy(own.lower))
    return by_autograd(lambda: torch.autograd.grad(out, src, ddst, retain_graph=True)[0])


def numpy_gathered(own):
    square, source, out = own.square(), mirrored(own), numpy.zeros_like(own.src)
    flat = square.reshape(own.batch, -1)

    def form():
        numpy.take(own.ddst, source, axis=1, out=flat, mode="clip")
        flat[:, ::own.rows + 1] = 0.0
        return numpy.matmul(square, own.src, out=out)
    return form


def numpy_strips(own):
    square, out, strips = own.square(), numpy.zeros_like(own.src), own.strips()

    def form():
        for row, pairs in strips:
            square[:, row, :row] = own.ddst[:, pairs]
            square[:, :row, row] = own.ddst[:, pairs]
        return numpy.matmul(square, own.src, out=out)
    return form
