"""The objective of the authors' published code (docs/paper.md, The objective, "reference").

B labeled and U unlabeled faces, C classes, D features.
"""
import math
from typing import NamedTuple

import torch
from torch.nn import functional as F

EXCLUDED = 1e7  # the authors push excluded entries this far away instead of leaving them out


class Ambiguous(NamedTuple):
    positive: torch.Tensor  # [U, C] bool
    weight: torch.Tensor  # [U], at most 1


def ambiguous_labels(probabilities, mass=0.9, most=3, shape="concave"):
    """Positive classes and weight of each face from its probabilities [U, C], C > `most`.

    m positive classes, m = min{i ≥ 1 : c_i ≥ mass} but at most `most`, where c_i includes the first negative class.
    """
    ranked, order = probabilities.sort(1, descending=True)
    reached = ranked.cumsum(1)
    positives = 1 + (reached[:, 1:most] < mass).sum(1, keepdim=True)  # m, in 1…most
    positive = torch.zeros_like(probabilities, dtype=torch.bool).scatter(
        1, order, torch.arange(ranked.shape[1], device=order.device) < positives)
    a = (reached.gather(1, positives) / (positives + 1)).squeeze(1)
    d = ranked.gather(1, positives).squeeze(1)  # the first negative class
    weight = {
        "linear": (a - d) / a,
        "convex": (a - d) / (d + a),
        "concave": torch.log(1 + 50 * (a - d)) / torch.log(1 + 50 * a),
    }[shape]
    return Ambiguous(positive, weight.clamp(max=1).detach())


def ambiguous_loss(logits, positive):
    """softplus(logsumexp over positive of −s + logsumexp over negative of s), [U]."""
    best = (-logits).masked_fill(~positive, -EXCLUDED).logsumexp(1)
    worst = logits.masked_fill(positive, -EXCLUDED).logsumexp(1)
    return F.softplus(best + worst)


def contrast(first, second, temperature=0.07):
    """SimCLR's loss between two views' features, each [n, D]; 0 for n = 0. Gradients flow through both views."""
    n = len(first)
    if n == 0:
        return first.sum()
    features = torch.cat([first, second])
    similar = features @ features.T / temperature
    similar = similar.masked_fill(torch.eye(2 * n, dtype=torch.bool, device=similar.device), -math.inf)
    return F.cross_entropy(similar, torch.arange(2 * n, device=similar.device).roll(n))


def confident(probabilities, thresholds):
    """Whether each face [U, C] reaches the threshold of its most probable class [C] -> [U] bool, and that class [U]."""
    largest, label = probabilities.max(1)
    return largest >= thresholds[label], label


def adaptive_thresholds(logits, labels, epoch):
    """τ_c = max(0.8, 0.97·mean(largest probability of the correctly classified faces of class c)/(1 + e^−epoch)); epoch ≥ 1."""
    largest, found = logits.softmax(1).max(1)
    thresholds = torch.full((logits.shape[1],), 0.8)
    for c in range(logits.shape[1]):
        correct = largest[(labels == c) & (found == c)]
        if len(correct):
            thresholds[c] = max(0.8, 0.97 * correct.mean().item() / (1 + math.exp(-epoch)))
    return thresholds


def objective(labeled, first, second, strong, labels, thresholds):
    """0.5·L_x + L_u + 0.1·L_s from the (logits, features) of x, u, u′ and s; labels [B], thresholds [C]."""
    with torch.no_grad():
        sure, label = confident((first[0].softmax(1) + second[0].softmax(1)) / 2, thresholds)
        ambiguous = ambiguous_labels(((first[0] + second[0]) / 2).softmax(1))
    supervised = F.cross_entropy(labeled[0], labels)
    unsure = (ambiguous_loss(strong[0], ambiguous.positive) * ambiguous.weight).mean()
    balance = (F.cross_entropy(strong[0], label) / unsure).detach()
    category = unsure * balance * sure.float().mean()  # the mean of the mask: faces below the threshold send gradients too
    consistency = contrast(first[1][~sure], second[1][~sure])
    return 0.5 * supervised + category + 0.1 * consistency
