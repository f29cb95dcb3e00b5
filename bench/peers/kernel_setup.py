"""What a peer computes with: shapes, inputs drawn by the distributions of bench_kernels, a reference."""
import math

import numpy


class Shape(dict):
    """The name=value words of a line of bench/shapes."""

    @classmethod
    def of(cls, text):
        return cls(word.split("=", 1) for word in text.split())

    def size(self, name, otherwise=None):
        return int(self[name]) if otherwise is None else int(self.get(name, otherwise))


class Setup:
    """Inputs and the forms that compute on them.

    forms: {name: function without arguments, returning an array or several}
    reference: the same arrays in float64, computed from the inputs as they are when it is called
    look: what of a form's result is compared, where that is not all of it
    """

    def __init__(self, forms, reference, look=lambda result: result):
        self.forms = forms
        self.reference = reference
        self.look = look

    def error(self, name):
        """The largest difference of a form from the reference, relative to the reference's largest
        number; each array for itself. Infinite where shapes or whole numbers (rows, counts) differ or a
        number is not finite."""
        wanted = in_arrays(self.reference())
        found = in_arrays(self.look(self.forms[name]()))
        if len(wanted) != len(found):
            return math.inf
        return max(map(relative_error, wanted, found))


def by_autograd(form):
    """Marks a form that cannot run in torch's inference mode."""
    form.by_autograd = True
    return form


def in_arrays(result):
    return [numpy.asarray(part) for part in (result if isinstance(result, (tuple, list)) else (result,))]


def relative_error(wanted, found):
    if wanted.shape != found.shape or not numpy.isfinite(found).all():
        return math.inf
    if wanted.dtype.kind in "iu":
        return 0.0 if numpy.array_equal(wanted, found) else math.inf
    if wanted.size == 0:
        return 0.0
    largest = numpy.abs(wanted).max()
    difference = numpy.abs(wanted - found.astype(numpy.float64)).max()
    return float(difference / largest if largest > 0 else difference)


def floats(rng, *shape):
    """Uniform in [-1, 1), as sgeo_bench_fill."""
    values = rng.random(shape, dtype=numpy.float32)
    values *= 2.0
    values -= 1.0
    return values


def stride_of(rows):
    """As scatter_stride of bench/draw.c: neighbouring ranks land far apart, all on rows of their own."""
    stride = max(int(0.6180339887498949 * rows), 1)
    while math.gcd(stride, rows) != 1:
        stride += 1
    return stride


def indices(rng, count, rows, how):
    """As sgeo_bench_indices: `uniform`, or `zipf:S` with the ranks scattered over the rows. int64."""
    if how == "uniform":
        return rng.integers(0, rows, count)
    name, _, exponent = how.partition(":")
    if name != "zipf":
        raise ValueError(f"unknown distribution idx={how}")
    cumulative = numpy.cumsum(numpy.arange(1, rows + 1, dtype=numpy.float64) ** -float(exponent))
    ranks = 1 + numpy.searchsorted(cumulative, cumulative[-1] * rng.random(count), side="right")
    return numpy.minimum(ranks, rows) * stride_of(rows) % rows
