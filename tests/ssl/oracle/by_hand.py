"""A second route to some of the oracle's numbers: NumPy, face by face, sharing nothing with parts.py but the formulas' text."""
import numpy as np

C, U = 7, 6


def probabilities(step, joint):
    """Of the labeled, the weak and the strong views, all normalized together or each by itself."""
    pixels, d = [], np.arange(8)
    for k in (0, 2, 4):
        n = 4 if k < 2 else U
        j = np.arange(n * 12)
        pixels.append((1.5 * np.sin(0.7 * j + 1.3 * k + 2.1 * step + 0.01 * j ** 2)).reshape(n, 12)[:, :8])
    result = []
    for view in pixels:
        batch, rows = np.concatenate(pixels) if joint else view, []
        for x in view:
            x = (x - batch.mean(0)) / np.sqrt(batch.var(0) + 1e-5) * (1 + 0.3 * np.sin(d)) + 0.2 * np.cos(3 * d)
            z = np.array([(np.sin(1 + 8 * c + d) * 8 * x).sum() / np.sqrt((x ** 2).sum()) + 0.1 * np.cos(c) for c in range(C)])
            rows.append(np.exp(z) / np.exp(z).sum())
        result.append(np.array(rows))
    return result


def supervised(step, joint):
    p = probabilities(step, joint)[0]
    return -np.mean([np.log(p[i, (i + 2 * step) % 6 % C]) for i in range(4)])


def fixmatch(step, joint, threshold):
    _, weak, strong = probabilities(step, joint)
    return sum(-np.log(s[w.argmax()]) for w, s in zip(weak, strong) if w.max() >= threshold) / U


def fixmatch_category(step, joint, threshold):
    _, weak, strong = probabilities(step, joint)
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


def freematch(steps, joint, momentum):
    """(unlabeled, fairness, threshold) of each step."""
    threshold, share, counts = 1 / C, np.full(C, 1 / C), np.full(C, 1 / C)
    for step in steps:
        _, weak, strong = probabilities(step, joint)
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


def dash_bounds(gamma, joint):
    """The losses' bound at steps 2, 3, 4 after a warm-up of two steps."""
    first = np.mean([supervised(0, joint), supervised(1, joint)])
    return [max(1.0001 * gamma ** -k * first, 0.05) for k in range(3)]


def dash(step, joint, bound):
    _, weak, strong = probabilities(step, joint)
    loss = 0
    for w, s in zip(weak, strong):
        target = w ** 2 / (w ** 2).sum() if bound > 0.05 else (w == w.max()).astype(float)
        loss += -(target * np.log(s)).sum() if -(target * np.log(w)).sum() <= bound else 0
    return loss / U


def check_by_hand(cases, joint):
    def same(actual, expected):
        assert abs(actual - expected) < 1e-5 * max(1, abs(expected)), (actual, expected)

    for step, found in enumerate(cases["fixmatch"]):
        same(found["terms"]["supervised"][0], supervised(step, joint))
        same(found["terms"]["unlabeled"][0], fixmatch(step, joint, 0.7))
        same(found["total"], supervised(step, joint) + 1.5 * fixmatch(step, joint, 0.7))
    for step, found in enumerate(cases["fixmatch_category"]):
        same(found["terms"]["unlabeled"][0], fixmatch_category(step, joint, 0.7))
    for found, (unlabeled, fairness, threshold) in zip(cases["freematch"], freematch(range(3), joint, 0.2), strict=True):
        same(found["terms"]["unlabeled"][0], unlabeled)
        same(found["terms"]["fairness"][0], fairness)
        same(found["state"]["threshold"][0], threshold)
    for step, bound in zip((2, 3, 4), dash_bounds(4.0, joint)):
        same(cases["dash"][step]["terms"]["unlabeled"][0], dash(step, joint, bound))
