"""
What SciPy says of random values, for `src/statistics/scipy.test.ts`.

    python3 -m venv .venv && .venv/bin/pip install scipy==1.17.1
    .venv/bin/python packages/eval/scripts/make-statistics-figures.py > packages/eval/src/statistics/fixtures/scipy-figures.json
"""

import json
import sys

import numpy as np
from scipy import stats

RESAMPLES = 200_000


def main() -> None:
    chance = np.random.default_rng(20260101)
    kinds = [reciprocal_ranks, lambda chance, count: chance.uniform(0, 1, count), lambda chance, count: chance.integers(0, 2, count) * 1.0]
    samples = [[round(float(value), 4) for value in kinds[number % 3](chance, count)] for number, count in enumerate([2, 5, 12, 40, 76, 225])]
    pairs = [
        [[round(float(value), 2) for value in side] for side in chance.normal(0, 1, (2, count)) + [[shift], [0]]]
        for count, shift in [(2, 0), (3, 1), (8, 0.5), (12, 0), (12, 1), (40, 0.3), (100, 0.25), (225, 0.1)]
    ]
    ties = [chance.integers(0, levels, (2, count)).tolist() for count, levels in [(2, 9), (7, 3), (30, 4), (100, 1000), (100, 10)]]
    figures = {
        "bootstrap": [{"values": values, "interval": interval(values)} for values in samples],
        "randomization": [{"values": one, "baseline": other, "p": p_value(one, other)} for one, other in pairs],
        "kendall": [{"one": one, "other": other, "tau": round(float(stats.kendalltau(one, other).statistic), 9)} for one, other in ties],
    }
    lines = ",\n".join(
        f'"{name}":[\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]" for name, cases in figures.items()
    )
    sys.stdout.write("{" + lines + "}\n")


def reciprocal_ranks(chance: np.random.Generator, count: int) -> np.ndarray:
    return 1 / chance.integers(1, 11, count)


def interval(values: list) -> list:
    found = stats.bootstrap((values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=1).confidence_interval
    return [round(float(found.low), 5), round(float(found.high), 5)]


def p_value(one: list, other: list) -> float:
    """Exact where all ways are fewer than the resamples."""
    found = stats.permutation_test(
        (one, other), lambda left, right, axis: np.mean(left - right, axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=RESAMPLES, batch=10_000, rng=1,
    )
    return round(float(found.pvalue), 6)


main()
