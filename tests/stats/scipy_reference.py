"""Writes scipy_reference.csv, the values that tests/stats/test_scipy.c holds our statistics to.

    python3 tests/stats/scipy_reference.py > tests/stats/scipy_reference.csv

Needs numpy and scipy (Debian: python3-scipy; the committed file is from scipy 1.10.1). Columns x,
y, z and ranks_x hold blank-separated numbers. The partial correlation is the Pearson correlation of
the residuals of x and y ranks after a least-squares fit on z ranks: another road than our formula.
"""
import csv
import sys

import numpy as np
from scipy import stats


def residuals(x, z):
    slope, intercept = np.polyfit(z, x, 1)
    return x - (slope * z + intercept)


def partial(x, y, z):
    rx, ry, rz = (stats.rankdata(v) for v in (x, y, z))
    return stats.pearsonr(residuals(rx, rz), residuals(ry, rz))[0]


def cases():
    rng = np.random.default_rng(20240501)
    normal = rng.standard_normal
    yield "two", [1.0, 2.0], [5.0, 3.0], None
    yield "three", [1.0, 2.0, 2.0], [0.1, 0.3, 0.2], None
    for n in (5, 10, 33, 100, 200):
        truth = normal(n)
        yield f"untied_{n}", truth + normal(n), truth, truth + normal(n)
    for n in (10, 40, 120, 200):
        x, y, z = rng.integers(0, 4, n), rng.integers(0, 6, n), rng.integers(0, 5, n)
        yield f"few_values_{n}", x.astype(float), y.astype(float), z.astype(float)
    params = rng.choice(np.linspace(0.07, 1.53, 28), 200)
    truth = np.round(90 + params + 2 * normal(200), 2)
    dead = rng.random(200) < 0.1
    yield "dead_cells_and_28_sizes", params, np.where(dead, 10.0, truth), np.round(normal(200), 1)
    yield "floored_scores", np.where(dead, -1e8, truth + normal(200)), truth, params
    yield "binary_score", (truth > 91).astype(float), truth, params
    yield "reversed", -truth, truth, normal(200)
    yield "monotone", truth**3, truth, normal(200)
    yield "tiny_and_huge", 10.0 ** (100 * normal(50)), 1e-300 * rng.random(50), normal(50)
    yield "signed_zeros", [0.0, -0.0, 1.0, -1.0, -0.0], [2.0, 1.0, 3.0, -0.0, 0.0], None


def words(values):
    return "" if values is None else " ".join(f"{v:.17g}" for v in values)


def main():
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow("case x y z ranks_x spearman kendall partial".split())
    for name, x, y, z in cases():
        numbers = [stats.spearmanr(x, y)[0], stats.kendalltau(x, y)[0]]
        numbers = [f"{v:.17g}" for v in numbers] + ["" if z is None else f"{partial(x, y, z):.17g}"]
        out.writerow([name, words(x), words(y), words(z), words(stats.rankdata(x)), *numbers])


main()
