"""
What trec_eval says of random rankings, for `src/measures/trec-eval.test.ts`.

    python3 -m venv .venv && .venv/bin/pip install pytrec-eval-terrier==0.5.11
    .venv/bin/python packages/eval/scripts/make-trec-figures.py > packages/eval/src/measures/fixtures/trec-figures.json

pytrec_eval is trec_eval's own C code called from Python. It has no reciprocal rank of the best k: that is the
reciprocal rank where it is reached within them, and else 0.
"""

import json
import random
import sys

import pytrec_eval

CUTOFFS = (1, 3, 5, 10, 20, 100)
NAMES = ["ndcg", "mrr", "map"] + [f"{kind}@{k}" for kind in ("ndcg", "mrr", "recall", "map", "p") for k in CUTOFFS]
ALPHABETS = ["0123456789", "abcXYZ-_09", "aäzßΩ文😀\ufb01\uff5e9"]


def main() -> None:
    chance = random.Random(20260101)
    cases = [make_case(chance, number) for number in range(360)]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    sys.stdout.write(f'{{"measures":{json.dumps(NAMES)},\n"cases":[\n{lines}\n]}}\n')


def make_case(chance: random.Random, number: int) -> dict:
    alphabet = ALPHABETS[number % len(ALPHABETS)]
    size = chance.choice([1, 2, 5, 12, 12, 30] + ([130] if number % 40 == 0 else []))
    ids = list(dict.fromkeys("".join(chance.choices(alphabet, k=chance.randint(1, 4))) for _ in range(size * 2)))
    retrieved = chance.sample(ids, min(size, len(ids)))
    run = {id: score(chance, number % 5) for id in retrieved}
    grades = chance.choice([[0, 1], [0, 0, 0, 1], [0, 1, 2, 3], [-2, -1, 0, 1, 2], [0], [0, 0, 0, 0, 4, 40]])
    judged = chance.sample(ids, chance.randint(1, len(ids)))
    # trec_eval never ends where all grades are below 0.
    qrel = {id: chance.choice(grades) for id in judged} | {judged[0]: max(0, chance.choice(grades))}
    pairs = [[list(pair) for pair in given.items()] for given in (run, qrel)]
    return {"run": pairs[0], "grades": pairs[1], "expected": measure(run, qrel)}


def score(chance: random.Random, kind: int) -> float:
    if kind == 0:
        return chance.choice([0, 0.5, 1])
    if kind == 1:
        # Equal in single precision, in which trec_eval keeps scores, and sometimes not.
        return 0.1 + chance.randint(0, 5) * 2e-9 + chance.randint(0, 1) * 1e-7
    if kind == 2:
        return chance.randint(-9, 9)
    return round(chance.uniform(-5, 20), 3)


def measure(run: dict, qrel: dict) -> list:
    cuts = ",".join(map(str, CUTOFFS))
    asked = {"ndcg", "recip_rank", "map"} | {f"{name}.{cuts}" for name in ("ndcg_cut", "recall", "map_cut", "P")}
    found = pytrec_eval.RelevanceEvaluator({"q": qrel}, asked).evaluate({"q": run})["q"]
    theirs = {"ndcg": "ndcg_cut", "recall": "recall", "map": "map_cut", "p": "P"}

    def one(name: str) -> float:
        kind, _, cutoff = name.partition("@")
        if kind == "mrr":
            rank = found["recip_rank"]
            return rank if not cutoff or rank * int(cutoff) > 0.999999 else 0
        return found[f"{theirs[kind]}_{cutoff}"] if cutoff else found[kind]

    return [round(one(name), 7) for name in NAMES]


main()
