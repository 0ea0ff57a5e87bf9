"""Writes what scikit-learn makes of some labelled scores, for the tests of `src/calibrate`.

    python3 -m venv venv && venv/bin/pip install scikit-learn
    venv/bin/python packages/eval/scripts/make-calibrations.py > packages/eval/src/calibrate/fixtures/scikit-learn.json
"""

import json
import math
import random

import numpy
import sklearn
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression

probes = [-5.0, -2.0, -0.75, -0.25, 0.0, 0.1, 0.5, 0.9, 1.5, 3.0, 8.0, 20.0]


def labelled(seed, count, slope, intercept, round_to):
    """Scores whose chance to be relevant follows a sigmoid; rounded ones have ties."""
    chance = random.Random(seed)
    scores = [round(chance.gauss(0.5, 2.0), round_to) for _ in range(count)]
    labels = [int(chance.random() < 1 / (1 + math.exp(-(slope * score + intercept)))) for score in scores]
    return scores, labels


cases = []
for seed, count, slope, intercept, round_to in [(1, 40, 1.2, -0.5, 6), (2, 300, 0.6, -2.0, 1), (3, 120, 4.0, 0.0, 3)]:
    scores, labels = labelled(seed, count, slope, intercept, round_to)
    x, y = numpy.array(scores), numpy.array(labels)
    a, b = _sigmoid_calibration(x, y)
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(x, y)
    cases.append(
        {
            "scores": scores,
            "labels": labels,
            "platt": {"slope": -float(a), "intercept": -float(b)},
            "isotonic": {
                "scores": [float(value) for value in isotonic.X_thresholds_],
                "probabilities": [float(value) for value in isotonic.y_thresholds_],
            },
            "isotonic_at": [float(value) for value in isotonic.predict(probes)],
        }
    )

print(json.dumps({"scikit_learn": sklearn.__version__, "probes": probes, "cases": cases}))
