"""Golden rows of policy gradients whose rewards lie between 0 and 1, in float64.

    python3 scripts/golden_scores.py > test/fixtures/golden/policy-gradient-scores.jsonl

Standard library alone. Each loss is written as its paper writes it, on dual numbers: a value and its derivatives by every
log-prob of the row, so that the gradient is exact and owes nothing to the program that is compared with it.
"""
import json
import math
import random


class Dual:
    """value + sum of d[i] times the i-th log-prob's change."""

    def __init__(self, value, d=None):
        self.value, self.d = value, d or {}

    def map(self, value, slope):
        return Dual(value, {i: slope * x for i, x in self.d.items()})

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        d = dict(self.d)
        for i, x in other.d.items():
            d[i] = d.get(i, 0.0) + x
        return Dual(self.value + other.value, d)

    def scale(self, factor):
        return self.map(self.value * factor, factor)

    def exp(self):
        value = math.exp(self.value)
        return self.map(value, value)

    def clip(self, low, high):
        inside = low <= self.value <= high
        return self if inside else Dual(min(max(self.value, low), high))


def greater(a, b):
    return a if a.value >= b.value else b


def total(duals):
    result = Dual(0.0)
    for each in duals:
        result = result + each
    return result


def advantages(scores, normalised):
    mean = sum(scores) / len(scores)
    if not normalised:
        return [score - mean for score in scores]
    spread = math.sqrt(sum((score - mean) ** 2 for score in scores) / (len(scores) - 1))
    return [(score - mean) / (spread + 1e-6) for score in scores]


def token_losses(objective, logps, olds, advantage, low, high, dual_clip):
    """One loss a token: the clipped policy gradient; of gspo by the answer's mean log-ratio; of cispo by log-probs."""
    changes = [logp + -old for logp, old in zip(logps, olds)]
    if objective == "gspo":
        # one ratio for the answer; each token's gradient is that of the ratio through the token alone
        mean = sum(change.value for change in changes) / len(changes)
        changes = [Dual(mean, change.d) for change in changes]
    losses = []
    for logp, change in zip(logps, changes):
        ratio = change.exp()
        clipped = ratio.clip(1 - low, 1 + high)
        if objective == "cispo":
            losses.append(logp.scale(-advantage * clipped.value))
            continue
        loss = greater(ratio.scale(-advantage), clipped.scale(-advantage))
        if dual_clip is not None and advantage < 0 and loss.value > -advantage * dual_clip:
            loss = Dual(-advantage * dual_clip)
        losses.append(loss)
    return losses


def row(rng, number, objective, aggregation, normalised, dual_clip):
    low, high = (3e-3, 4e-3) if objective == "gspo" else (0.2, 0.28 if objective in ("dapo", "cispo") else 0.2)
    step = 4e-3 if objective == "gspo" else 0.25
    loss_scale = float(rng.choice([1, 8, 1000])) if aggregation == "seq-mean-token-sum-norm" else None
    count = 0
    groups, answers = [], []
    for _ in range(rng.randint(1, 3)):
        completions = []
        for _ in range(rng.randint(2, 6)):
            olds = [-rng.expovariate(0.7) for _ in range(rng.randint(1, 5))]
            logps = [old + rng.gauss(0, step) for old in olds]
            if dual_clip is not None and rng.random() < 0.3:
                logps[0] = olds[0] + 3.0
            # some equal, so that a tie is among them
            score = rng.choice([0.0, 1.0, 0.25, round(rng.random(), 3)])
            completions.append({"oldLogprobs": olds, "logprobs": logps, "score": score})
        scores = [one["score"] for one in completions]
        for one, advantage in zip(completions, advantages(scores, normalised)):
            duals = [Dual(logp, {count + t: 1.0}) for t, logp in enumerate(one["logprobs"])]
            count += len(duals)
            answers.append(token_losses(objective, duals, one["oldLogprobs"], advantage, low, high, dual_clip))
        groups.append({"completions": completions})
    if aggregation == "token-mean":
        loss = total([loss for answer in answers for loss in answer]).scale(1 / count)
    elif aggregation == "seq-mean-token-mean":
        loss = total([total(answer).scale(1 / len(answer)) for answer in answers]).scale(1 / len(answers))
    else:
        loss = total([loss for answer in answers for loss in answer]).scale(1 / loss_scale)
    at = 0
    for group in groups:
        for one in group["completions"]:
            one["grad"] = [loss.d.get(at + t, 0.0) for t in range(len(one["logprobs"]))]
            at += len(one["logprobs"])
    return {
        "id": f"{objective}-scores-{number}",
        "objective": objective,
        "clipLow": low,
        "clipHigh": high,
        "dualClip": dual_clip,
        "aggregation": aggregation,
        "lossScale": loss_scale,
        "stdNormalized": normalised,
        "loss": loss.value,
        "groups": groups,
    }


def main():
    rng = random.Random(20261129)
    kinds = [
        ("grpo", "seq-mean-token-mean", True, None),
        ("dr-grpo", "seq-mean-token-sum-norm", False, None),
        ("dapo", "token-mean", True, 10.0),
        ("gspo", "seq-mean-token-mean", True, None),
        ("cispo", "token-mean", True, None),
    ]
    for objective, aggregation, normalised, dual_clip in kinds:
        for number in range(12):
            print(json.dumps(row(rng, number, objective, aggregation, normalised, dual_clip)))


main()
