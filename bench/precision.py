#!/usr/bin/env python3
"""Rank agreement and speed-up between two outputs of bench_sigeo --score.

usage: precision.py BASE.csv OTHER.csv

Prints, for every proxy, the architectures that both files scored, Spearman's rho between the scores
(average ranks for ties) and the geometric mean of base seconds over other seconds.
"""
import csv
import math
import sys


def read(path):
    with open(path, newline="") as file:
        return {(row["proxy"], row["arch"]): row for row in csv.DictReader(file)}


def ranks(values):
    """Average ranks from 1 on."""
    order = sorted(range(len(values)), key=values.__getitem__)
    out = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for i in order[first:last + 1]:
            out[i] = (first + last) / 2 + 1
        first = last + 1
    return out


def spearman(a, b):
    a, b = ranks(a), ranks(b)
    mean = (len(a) + 1) / 2
    cov = sum((x - mean) * (y - mean) for x, y in zip(a, b))
    norm = math.sqrt(sum((x - mean)**2 for x in a) * sum((y - mean)**2 for y in b))
    return cov / norm if norm > 0 else math.nan


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n\n")[1])
    base, other = read(sys.argv[1]), read(sys.argv[2])
    for proxy in sorted({key[0] for key in base}):
        both = [k for k in base if k[0] == proxy and k in other
                and base[k]["status"] == other[k]["status"] == "ok"]
        if len(both) < 2:
            sys.exit(f"{proxy}: fewer than two architectures in common")
        rho = spearman(*([float(side[k]["score"]) for k in both] for side in (base, other)))
        ratios = [float(base[k]["seconds_cpu"]) / float(other[k]["seconds_cpu"]) for k in both]
        speed = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"{proxy}: {len(both)} architectures, spearman {rho:.4f}, speed-up {speed:.2f}")


if __name__ == "__main__":
    main()
