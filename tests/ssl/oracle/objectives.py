"""The oracle of the semi-supervised objectives: what a fake network's losses, gradients and states must be.

    python3 tests/ssl/oracle/objectives.py > tests/ssl/oracle/objectives.json

It needs PyTorch 1.13 (Debian 12: python3-torch), whose random draws are libtorch's. `tests/ssl/objectives_test.cpp` replays
the cases. The JSON holds expectations only: inputs follow from formulas (parts.py). A gradient or running statistic g is told
as [sum |g|, sum g_j cos j]. Numbers are computed in float64; each case must come out the same in float32, the precision of the
library. Each case is told twice, for joint and for separate passes, whose batch statistics differ.
"""
import json

import torch

from algorithms import ALGORITHMS, labels_alone
from by_hand import check_by_hand
from parts import VIEWS, Batch, Run

TOLERANCE = 1e-4  # float32 against float64; the C++ test allows twice as much

ALL_OR_NONE = {"supervised", "pi_model", "mean_teacher", "vat", "mixmatch", "remixmatch"}  # no face is left out
# FlexMatch's thresholds start at 0, Dash's bound at the labeled faces' loss, FreeMatch's threshold moves: some steps take all.
OVER_THE_CASE = {"flexmatch", "freematch", "dash"}
PSEUDO_LABELS = ["pseudo_label", "uda", "remixmatch", "fixmatch", "flexmatch", "freematch", "softmatch", "dash", "comatch",
                 "simmatch", "adamatch", "crmatch", "defixmatch", "refixmatch", "ccssl", "ada_cm"]

# Options that differ from the defaults, so that some faces are taken and some are not, ramps are under way and memories fill.
USUAL = {
    "supervised": {},
    "pseudo_label": {"threshold": 0.7, "unlabeled": 1.5},
    "pi_model": {"unlabeled": 8.0},
    "mean_teacher": {"unlabeled": 40.0},
    "vat": {"epsilon": 5.0, "unlabeled": 0.8, "entropy": 0.1},
    "uda": {"threshold": 0.7, "unlabeled": 1.5},
    "mixmatch": {"unlabeled": 80.0},
    "remixmatch": {"ramp": 0.4, "momentum": 0.9},
    "fixmatch": {"threshold": 0.7, "unlabeled": 1.5},
    "flexmatch": {"threshold": 0.9, "unlabeled": 1.5},
    "freematch": {"momentum": 0.2, "unlabeled": 1.5, "fairness": 0.1},
    "softmatch": {"momentum": 0.3, "unlabeled": 1.5},
    "dash": {"gamma": 4.0, "warm_up": 0.2, "interval": 0.1, "unlabeled": 1.5},
    "comatch": {"threshold": 0.7, "graph": 0.3, "dim": 4, "batches": 1, "unlabeled": 1.5, "contrast": 0.8},
    "simmatch": {"threshold": 0.7, "dim": 4, "unlabeled": 1.5, "instance": 0.8},
    "adamatch": {"momentum": 0.9, "unlabeled": 1.5},
    "crmatch": {"threshold": 0.7, "dim": 4, "unlabeled": 1.5, "distance": 0.8, "rotation": 0.6},
    "defixmatch": {"threshold": 0.9},
    "refixmatch": {"threshold": 0.7, "unlabeled": 1.5, "divergence": 0.8},
    "ccssl": {"threshold": 0.7, "dim": 4, "unlabeled": 1.5, "contrast": 0.8},
    "ada_cm": {"threshold.kind": "fixed", "threshold.value": 0.7, "temperature": 0.5},
}
FIRST_STEP = {"pseudo_label": 1, "pi_model": 1, "mean_teacher": 1, "vat": 3, "mixmatch": 3, "remixmatch": 1, "adamatch": 3}
LENGTH = {"flexmatch": 7, "dash": 5}
SPREAD = {"crmatch": 0.3, "ada_cm": 0.3}  # how far the views of a face lie apart; these two want views that agree


def case(algorithm, suffix="", options=None, **changes):
    return {"name": algorithm + suffix, "algorithm": algorithm, "options": {**USUAL[algorithm], **(options or {})},
            "category": False, "imbalance": {}, "first_step": FIRST_STEP.get(algorithm, 0), "length": LENGTH.get(algorithm, 3),
            "unwatched": 0, "spread": SPREAD.get(algorithm, 1.3), "labeled_steps": 0, "label_smoothing": 0.0,
            "class_shift": False, **changes}


def all_cases():
    cases = [case(name) for name in USUAL] + [case(name, "_category", category=True) for name in PSEUDO_LABELS]
    cases += [case("uda", "_" + how, {"annealing": how}, first_step=first)
              for how, first in (("linear", 1), ("exponential", 3), ("logarithmic", 2))]
    cases += [case("flexmatch", "_cold", {"warm_up": False}),
              case("softmatch", "_after", {"statistics": "after"}),
              case("vat", "_iterated", {"iterations": 2}),
              case("pseudo_label", "_unramped", {"ramp": 0.0}, first_step=0),
              case("dash", "_slow", {"interval": 0.2}, length=7),
              case("dash", "_floor", {"gamma": 10.0, "floor": 0.5}),
              case("adamatch", "_late", first_step=5),
              case("comatch", "_two_batches", {"batches": 2}, length=4),
              case("simmatch", "_window", length=36, unwatched=33),
              case("ada_cm", "_apart", {"threshold.value": 0.48, "temperature": 0.07}, spread=1.3),
              case("ada_cm", "_all_sure", {"threshold.value": 0.1}),
              case("fixmatch", "_none_sure", {"threshold": 0.9999}),
              case("fixmatch", "_logit_adjustment", imbalance={"logit_adjustment": 1.0})]
    aligned = ("fixmatch", "uniform", 0.999), ("fixmatch", "labeled", 0.9), ("mean_teacher", "labeled", 0.999)
    adjusted = {"logit_adjustment": 1.0}
    # A first phase of labels alone: what grows begins behind it; Dash measures in it.
    cases += [case(name, "_labels_first", labeled_steps=2, length=5, first_step=0)
              for name in ("pseudo_label", "pi_model", "mean_teacher", "vat", "mixmatch")]
    cases += [case("uda", "_labels_first", {"annealing": "linear"}, labeled_steps=2, first_step=3),
              case("remixmatch", "_labels_first", labeled_steps=2, first_step=3),
              case("adamatch", "_labels_first", labeled_steps=2, first_step=4),
              case("dash", "_labels_first", labeled_steps=2, length=7),
              case("dash", "_adjusted", imbalance=adjusted, label_smoothing=0.2)]
    # Logits shifted to other class shares: what beliefs are pulled to follows.
    cases += [case(name, "_shifted", class_shift=True)
              for name in ("fixmatch", "remixmatch", "freematch", "softmatch", "dash", "comatch", "defixmatch", "mixmatch")]
    cases += [case("simmatch", "_shifted", {"threshold": 0.65}, class_shift=True),
              case("adamatch", "_shifted", first_step=1, class_shift=True),
              case("uda", "_shifted", {"annealing": "linear"}, first_step=1, class_shift=True),
              case("remixmatch", "_shifted_adjusted", imbalance=adjusted, class_shift=True),
              case("mean_teacher", "_shifted_aligned", imbalance={"alignment": "labeled", "momentum": 0.9}, class_shift=True),
              case("fixmatch", "_shifted_aligned", imbalance={"alignment": "labeled", "momentum": 0.9}, class_shift=True)]
    for name, alignment, momentum in aligned:
        cases.append(case(name, "_aligned_" + alignment, imbalance={"alignment": alignment, "momentum": momentum}))
    return cases


def start(case, joint, dtype):
    return Run(case, {**ALGORITHMS[case["algorithm"]]["defaults"], **case["options"]}, joint, dtype)


def evaluate(run, case, step, move=None):
    """One step: (batch, terms, total). `move` = (view, distance) moves a view along cos j."""
    entry = ALGORITHMS[case["algorithm"]]
    batch = Batch(step, **entry["views"], spread=case["spread"], dtype=run.dtype, labeled_steps=case["labeled_steps"])
    if move:
        moved = batch[move[0]].detach()
        batch.views[move[0]] = moved + move[1] * torch.cos(torch.arange(moved.numel(), dtype=run.dtype)).view_as(moved)
    run.expect(step)
    torch.manual_seed(100 + step)
    if step < case["labeled_steps"]:
        terms = labels_alone(run, batch, case["algorithm"])
    else:
        terms = entry["objective"](run, batch)
    return batch, terms, sum(weight * value for _, value, weight in terms)


def summary(numbers):
    if numbers is None:
        return [0.0, 0.0]
    flat = numbers.flatten().double()
    return [flat.abs().sum().item(), (flat * torch.cos(torch.arange(len(flat), dtype=torch.float64))).sum().item()]


def steps_of(case):
    return range(case["first_step"], case["first_step"] + case["length"])


def replay(case, joint, dtype=torch.float64):
    run, steps = start(case, joint, dtype), []
    for step in steps_of(case):
        batch, terms, total = evaluate(run, case, step)
        if step - case["first_step"] < case["unwatched"]:
            continue
        learned = dict(sorted(run.parameters.items()))
        inputs = {**batch.views, **learned}
        gradients = dict(zip(inputs, torch.autograd.grad(total, list(inputs.values()), allow_unused=True)))
        steps.append({
            "terms": {name: [value.item(), float(weight)] for name, value, weight in terms},
            "total": total.item(),
            "views": {name: summary(gradients[name]) for name in VIEWS if name in batch.views},
            "parameters": {name: summary(gradients[name]) for name in learned},
            "state": {name: run.state[name].flatten().tolist() for name in ALGORITHMS[case["algorithm"]]["state"]},
            "running": {name: summary(values) for name, values in run.network.running.items()},
        })
    return steps, run


def check_same(expected, actual, where):
    """float64 against float32; the second figure of a gradient may be small beside the first."""
    if isinstance(expected, dict):
        assert expected.keys() == actual.keys(), where
        for key in expected:
            check_same(expected[key], actual[key], f"{where}.{key}")
        return
    expected, actual = (x if isinstance(x, list) else [x] for x in (expected, actual))
    size = max(map(abs, expected))
    assert all(abs(a - b) <= TOLERANCE * size + 5e-7 for a, b in zip(expected, actual, strict=True)), (where, expected, actual)


def check_faces(case, run, where):
    """A case tells something only where some faces are taken and some are not."""
    if case["algorithm"] in ALL_OR_NONE:
        return
    if case["name"].endswith("_sure"):
        assert set(torch.cat(run.masks).tolist()) == {case["name"].endswith("_all_sure")}
        return
    masks = [torch.cat(run.masks)] if case["algorithm"] in OVER_THE_CASE else run.masks
    for mask in masks + run.seldom:
        assert mask.any() and not mask.all(), (where, mask)


def check_slope(case, steps):
    """The strong view's gradient in separate passes against a difference quotient; no part of the objective stops it but the
    balance."""
    if case["category"] or case["unwatched"] or ALGORITHMS[case["algorithm"]]["views"]["strong"] == 0:
        return
    for i, step in enumerate(steps_of(case)):
        if step < case["labeled_steps"]:
            continue
        totals = []
        for distance in (1e-5, -1e-5):
            run = start(case, False, torch.float64)
            for earlier in steps_of(case)[:i]:
                evaluate(run, case, earlier)
            totals.append(evaluate(run, case, step, ("strong.0", distance))[2].item())
        size, slope = steps[i]["views"]["strong.0"]
        assert abs((totals[0] - totals[1]) / 2e-5 - slope) <= 1e-5 * size + 1e-7, (case["name"], step, totals, slope)


def rounded(x):
    if isinstance(x, dict):
        return {key: rounded(value) for key, value in x.items()}
    if isinstance(x, list):
        return [rounded(value) for value in x]
    return float(f"{x:.7g}") if isinstance(x, float) else x


def checked(case):
    found = {}
    for passes in ("joint", "separate"):
        where = f"{case['name']}, {passes}"
        steps, run = replay(case, passes == "joint")
        for step, again in zip(steps, replay(case, passes == "joint", torch.float32)[0]):
            check_same(step, again, where)
        check_faces(case, run, where)
        found[passes] = rounded(steps)
    check_slope(case, found["separate"])
    return {**case, "views": ALGORITHMS[case["algorithm"]]["views"], **found}


def main():
    cases = [checked(case) for case in all_cases()]
    for passes in ("joint", "separate"):
        check_by_hand({case["name"]: case[passes] for case in cases}, passes == "joint")
        crmatch = [step for case in cases if case["algorithm"] == "crmatch" for step in case[passes]]
        assert any(step["terms"]["distance"][0] > 0 for step in crmatch)
    defaults = {name: entry["defaults"] for name, entry in ALGORITHMS.items()}
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print('{"defaults":' + json.dumps(defaults, separators=(",", ":")) + ',\n"cases":[\n' + lines + "\n]}")


if __name__ == "__main__":
    main()
