"""A second route to some of the oracle's numbers: NumPy, face by face, sharing nothing with parts.py but the formulas' text."""
import numpy as np

C, U = 7, 6


def probabilities(k, step, n):
    j = np.arange(n * 12)
    pixels = (1.5 * np.sin(0.7 * j + 1.3 * k + 2.1 * step + 0.01 * j ** 2)).reshape(n, 12)[:, :8]
    rows = []
    for x in pixels:
        z = np.array([sum(np.sin(1 + 8 * c + d) * 8 * x[d] for d in range(8)) / np.sqrt((x ** 2).sum()) + 0.1 * np.cos(c)
                      for c in range(C)])
        rows.append(np.exp(z) / np.exp(z).sum())
    return np.array(rows)


def supervised(step):
    p = probabilities(0, step, 4)
    return -np.mean([np.log(p[i, (i + 2 * step) % 6 % C]) for i in range(4)])


def fixmatch(step, threshold):
    weak, strong = probabilities(2, step, U), probabilities(4, step, U)
    return sum(-np.log(s[w.argmax()]) for w, s in zip(weak, strong) if w.max() >= threshold) / U


def fixmatch_category(step, threshold):
    weak, strong = probabilities(2, step, U), probabilities(4, step, U)
    plain, losses = [], []
    for w, s in zip(weak, strong):
        r, logits = np.sort(w)[::-1], np.log(s)
        # One positive class when two have the mass 0.9, two when three have it, else three.
        m = 1 if r[:2].sum() >= 0.9 else 2 if r[:3].sum() >= 0.9 else 3
        positive = w >= r[m - 1]
        loss = np.log1p(np.exp(np.logaddexp.reduce(-logits[positive]) + np.logaddexp.reduce(logits[~positive])))
        a, d = r[:m + 1].mean(), r[m]
        losses.append(loss * np.log(1 + 50 * (a - d)) / np.log(1 + 50 * a))
        plain.append(-logits[w.argmax()])
    return sum(loss for loss, w in zip(losses, weak) if w.max() >= threshold) / U * np.mean(plain) / np.mean(losses)


def freematch(steps, momentum):
    """(unlabeled, fairness, threshold) of each step."""
    threshold, share, counts = 1 / C, np.full(C, 1 / C), np.full(C, 1 / C)
    for step in steps:
        weak, strong = probabilities(2, step, U), probabilities(4, step, U)
        guess = weak.argmax(1)
        threshold = momentum * threshold + (1 - momentum) * weak.max(1).mean()
        share = momentum * share + (1 - momentum) * weak.mean(0)
        counts = momentum * counts + (1 - momentum) * np.bincount(guess, minlength=C) / U
        taken = [i for i in range(U) if weak[i].max() >= threshold * share[guess[i]] / share.max()]
        unlabeled = sum(-np.log(strong[i, guess[i]]) for i in taken) / U
        a = share / counts
        b, guesses = np.zeros(C), [strong[i].argmax() for i in taken]
        for c in set(guesses):
            b[c] = np.mean([strong[i, c] for i in taken]) / guesses.count(c)
        yield unlabeled, np.sum(a / a.sum() * np.log(b / b.sum() + 1e-12)), threshold


def dash_bounds(gamma):
    """The losses' bound at steps 2, 3, 4 after a warm-up of two steps."""
    first = np.mean([supervised(0), supervised(1)])
    return [max(1.0001 * gamma ** -k * first, 0.05) for k in range(3)]


def dash(step, bound):
    weak, strong = probabilities(2, step, U), probabilities(4, step, U)
    loss = 0
    for w, s in zip(weak, strong):
        target = w ** 2 / (w ** 2).sum() if bound > 0.05 else (w == w.max()).astype(float)
        loss += -(target * np.log(s)).sum() if -(target * np.log(w)).sum() <= bound else 0
    return loss / U


def check_by_hand(cases):
    def same(actual, expected):
        assert abs(actual - expected) < 1e-5 * max(1, abs(expected)), (actual, expected)

    for step, found in enumerate(cases["fixmatch"]):
        same(found["terms"]["supervised"][0], supervised(step))
        same(found["terms"]["unlabeled"][0], fixmatch(step, 0.7))
        same(found["total"], supervised(step) + 1.5 * fixmatch(step, 0.7))
    for step, found in enumerate(cases["fixmatch_category"]):
        same(found["terms"]["unlabeled"][0], fixmatch_category(step, 0.7))
    for found, (unlabeled, fairness, threshold) in zip(cases["freematch"], freematch(range(3), 0.2), strict=True):
        same(found["terms"]["unlabeled"][0], unlabeled)
        same(found["terms"]["fairness"][0], fairness)
        same(found["state"]["threshold"][0], threshold)
    for step, bound in zip((2, 3, 4), dash_bounds(4.0)):
        same(cases["dash"][step]["terms"]["unlabeled"][0], dash(step, bound))
