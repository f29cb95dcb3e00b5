"""Writes clicks_reference.csv, the values that tests/stats/test_clicks_reference.c holds AUC, log
loss, calibration and their paired differences to.

    python3 tests/stats/clicks_reference.py > tests/stats/clicks_reference.csv

Needs numpy and scipy (Debian: python3-scipy; the committed file is from scipy 1.10.1). Columns a, b
(logits of two models) and label hold blank-separated numbers. Other roads than our formulas: the
AUC is Mann-Whitney's U over the number of pairs; DeLong's error comes from the definition, all
pairs of a clicked and an unclicked row compared; the log loss is scipy's log_expit.
"""
import csv
import sys

import numpy as np
from scipy import special, stats


def auc(logit, label):
    on, off = logit[label == 1], logit[label == 0]
    return stats.mannwhitneyu(on, off).statistic / (len(on) * len(off))


def wins(logit, label):
    on, off = logit[label == 1], logit[label == 0]
    return np.where(on[:, None] > off, 1.0, np.where(on[:, None] == off, 0.5, 0.0))


def delong_error(a, b, label):
    delta = wins(a, label) - wins(b, label)
    return np.sqrt(
        np.var(delta.mean(1), ddof=1) / delta.shape[0] + np.var(delta.mean(0), ddof=1) / delta.shape[1]
    )


def losses(logit, label):
    return -np.where(label == 1, special.log_expit(logit), special.log_expit(-logit))


def bins(logit, label):
    """Sizes, and the mean over rows of |predicted - observed| of their bins."""
    place = (stats.rankdata(logit) - 0.5) / len(logit)
    which = np.floor(10 * place).astype(int)
    sizes = [np.sum(which == b) for b in range(10)]
    gaps = [abs(np.sum(special.expit(logit[which == b]) - label[which == b])) for b in range(10)]
    return sizes, sum(gaps) / len(logit)


def cases():
    rng = np.random.default_rng(20241101)
    normal = rng.standard_normal

    def clicked(logit):
        return (rng.random(len(logit)) < special.expit(logit)).astype(int)

    yield "four", np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.3, 0.2, 0.9, 0.1]), np.array([0, 0, 1, 1])
    for n in (20, 100, 300):
        truth = 1.5 * normal(n) - 1.0
        yield f"noisy_{n}", truth + 0.3 * normal(n), truth + normal(n), clicked(truth)
    truth = 1.2 * normal(250) - 1.5
    label = clicked(truth)
    yield "ties", np.round(truth), np.round(2 * truth + normal(250)) / 2, label
    yield "constant_against_truth", np.full(250, -1.0), truth, label
    yield "equal_models", truth, truth, label
    yield "certain", 30.0 * normal(250), 800.0 * normal(250), label
    yield "rare", truth - 2.5, normal(250) - 3.5, np.r_[np.ones(3, int), np.zeros(247, int)]


def words(values):
    return " ".join(f"{v:.17g}" for v in values)


def main():
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(
        "case a b label auc_a auc_b auc_error log_loss_a log_loss_b log_loss_error "
        "predicted_a bins_a calibration_error_a".split()
    )
    for name, a, b, label in cases():
        delta = losses(a, label) - losses(b, label)
        sizes, error = bins(a, label)
        numbers = [
            auc(a, label),
            auc(b, label),
            delong_error(a, b, label),
            losses(a, label).mean(),
            losses(b, label).mean(),
            np.std(delta, ddof=1) / np.sqrt(len(delta)),
            special.expit(a).mean(),
        ]
        numbers = [f"{v:.17g}" for v in numbers]
        out.writerow([name, words(a), words(b), words(label), *numbers, words(sizes), f"{error:.17g}"])


main()
