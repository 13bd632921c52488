"""What the oracle's objectives share: inputs by formula, a fake network, losses. Written from the definitions, not for speed.

B = 4 labeled and U = 6 unlabeled faces a step, C = 7 classes, D = 8 features; views are [n, 3, 2, 2].
"""
import math

import torch

CLASSES, WIDTH, SCALE = 7, 8, 8.0
LABELED, UNLABELED = 4, 6            # faces a step
LABELED_POOL, UNLABELED_POOL = 6, 9  # faces in all
STEPS = 10                           # length of the run
CLASS_SHIFT = 0.8                    # largest number added to a logit
PRIOR = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05]
VIEWS = ["labeled", "labeled_strong", "weak.0", "weak.1", "strong.0", "strong.1"]
MARGIN = 2e-4  # no decision may hang on less: float32 must come to the same one


def formula(numbers, dtype):
    """Computed in float64 and rounded to float32, the network's type, before anything else happens to them."""
    return numbers.to(torch.float32).to(dtype)


def view(k, step, spread, dtype):
    n = LABELED if k < 2 else UNLABELED
    j = torch.arange(n * 12, dtype=torch.float64)
    return formula(1.5 * torch.sin(0.7 * j + spread * k + 2.1 * step + 0.01 * j * j), dtype).view(n, 3, 2, 2)


class Batch:
    """The views that an algorithm asks for, and no others: in the first `labeled_steps` steps the labeled ones alone."""

    def __init__(self, step, weak, strong, labeled_strong, spread, dtype, labeled_steps=0):
        if step < labeled_steps:
            weak = strong = labeled_strong = 0
        given = [True, labeled_strong > 0, weak > 0, weak > 1, strong > 0, strong > 1]
        self.views = {name: view(k, step, spread, dtype).requires_grad_() for k, name in enumerate(VIEWS) if given[k]}
        self.step = step
        self.labeled_faces = [(i + 2 * step) % LABELED_POOL for i in range(LABELED)]
        self.faces = [(i + 4 * step) % UNLABELED_POOL for i in range(UNLABELED)]
        self.targets = one_hot(torch.tensor([n % CLASSES for n in self.labeled_faces])).to(dtype)

    def __getitem__(self, name):
        return self.views[name]


class Seen:
    """What the network says of the faces of a view: map and features [n, D], logits [n, C], unshifted and shifted."""

    def __init__(self, map, network):
        self.map, self.features = map, unit(map)
        self.unshifted = (SCALE * self.features) @ network.weight.T + network.bias
        self.logits = self.unshifted + network.shift

    def detach(self):
        for name in ("map", "features", "unshifted", "logits"):
            setattr(self, name, getattr(self, name).detach())
        return self


class Network:
    """Batch normalization of 8 pixels, their direction as features, then one linear layer; `number` tells two networks apart."""

    def __init__(self, number, dtype):
        c, d = torch.arange(CLASSES, dtype=torch.float64), torch.arange(WIDTH, dtype=torch.float64)
        self.weight = formula(torch.sin(number + 8 * c[:, None] + d[None, :]), dtype)
        self.bias = formula(0.1 * torch.cos(c), dtype)
        self.factor, self.summand = formula(1 + 0.3 * torch.sin(d), dtype), formula(0.2 * torch.cos(3 * d), dtype)
        self.shift = torch.zeros(CLASSES, dtype=dtype)
        self.running = {"mean": torch.zeros(WIDTH, dtype=dtype), "variance": torch.ones(WIDTH, dtype=dtype)}

    def normalized(self, x, mean, variance):
        return (x - mean) / (variance + 1e-5).sqrt() * self.factor + self.summand

    def one_batch(self, views, follow):
        """The views normalized as one batch, which the running statistics follow if they are to."""
        pixels = [view.flatten(1)[:, :WIDTH] for view in views]
        whole = torch.cat(pixels)
        mean, variance = whole.mean(0), whole.var(0, unbiased=False)
        if follow:
            new = {"mean": mean.detach(), "variance": whole.var(0, unbiased=True).detach()}
            self.running = {name: 0.9 * self.running[name] + 0.1 * new[name] for name in new}
        return [Seen(self.normalized(x, mean, variance), self) for x in pixels]

    def evaluate(self, view):
        return Seen(self.normalized(view.flatten(1)[:, :WIDTH], **self.running), self)


def unit(x):
    return x / x.square().sum(1, keepdim=True).sqrt()


def one_hot(labels):
    return (labels[:, None] == torch.arange(CLASSES)[None, :]).to(torch.float64)


def normalized(x):
    """Norm: each row sums to 1."""
    return x / x.sum(-1, keepdim=True)


def cross_entropy(target, logits):
    """H(target, softmax(logits)) of each face; a target without classes' shape holds labels."""
    if target.dim() == 1:
        target = one_hot(target).to(logits.dtype)
    return -(target * logits.log_softmax(1)).sum(1)


def divergence(logits, others):
    """KL(sg softmax(logits) || softmax(others)) of each face."""
    log_p = logits.detach().log_softmax(1)
    return (log_p.exp() * (log_p - others.log_softmax(1))).sum(1)


def largest(p):
    return p.max(1).values


def most_probable(p):
    first, second = p.topk(2, 1).values.T
    assert (first - second > MARGIN).all(), "two classes are too close to tell apart in float32"
    return p.argmax(1)


def quotient(a, b):
    """a / b, and 0 where b is 0."""
    return torch.where(b == 0, torch.zeros_like(a), a / torch.where(b == 0, torch.ones_like(b), b))


def sharpen(p, temperature):
    return normalized(p ** (1 / temperature))


def histogram(labels, dtype):
    return torch.tensor([float((labels == c).sum()) for c in range(CLASSES)], dtype=dtype)


def contrast(first, second, temperature):
    """NT-Xent over 2n features: the other view of the same face among all the others."""
    n = len(first)
    features = torch.cat([first, second])
    loss = 0
    for i in range(2 * n):
        others = [j for j in range(2 * n) if j != i]
        similarity = torch.stack([features[i] @ features[j] for j in others]) / temperature
        loss = loss - similarity.log_softmax(0)[others.index((i + n) % (2 * n))]
    return loss / (2 * n)


def ambiguous_loss(p, logits, mass=0.9, most=3):
    """One face: (loss, weight) against the ambiguous label of the beliefs p [C] (mass counts the first negative; concave)."""
    order = sorted(range(CLASSES), key=lambda c: -p[c].item())
    sums = [sum(p[c].item() for c in order[: i + 1]) for i in range(CLASSES)]
    assert all(abs(s - mass) > MARGIN for s in sums[1:most]), "the mass is too close to its bound"
    m = next((i for i in range(1, most) if sums[i] >= mass), most)
    assert p[order[m - 1]] - p[order[m]] > 1e-7, "a positive and a negative class are equal"
    a, d = sums[m] / (m + 1), p[order[m]].item()
    weight = math.log(1 + 50 * (a - d)) / math.log(1 + 50 * a)
    pairs = sum(torch.exp(logits[n] - logits[q]) for q in order[:m] for n in order[m:])
    return torch.log1p(pairs), min(weight, 1.0)


class Run:
    """One algorithm at work: its options, what it learns and what it remembers."""

    def __init__(self, case, options, joint, dtype):
        self.options, self.joint, self.dtype = options, joint, dtype
        self.category, self.imbalance, self.smoothing = case["category"], case["imbalance"], case["label_smoothing"]
        self.first = case["labeled_steps"]
        self.network, self.teacher = Network(1, dtype), Network(2, dtype)
        self.shifts = case["class_shift"]
        self.prior = torch.tensor(PRIOR, dtype=dtype)
        self.parameters, self.state = {}, {}
        # Decisions taken, so that a case can be refused in which they are all the same: within a step, or over the case.
        self.masks, self.seldom = [], []

    def __getitem__(self, option):
        return self.options[option]

    def passes(self, *views, follow_first=False):
        """The views through the network: as one batch, or each as its own. In the latter case the running statistics may follow
        the first alone."""
        if self.joint:
            return self.network.one_batch(views, True)
        return [self.network.one_batch([view], i == 0 or not follow_first)[0] for i, view in enumerate(views)]

    def aside(self, *views):
        """The same, and the running statistics stay as they are."""
        if self.joint:
            return self.network.one_batch(views, False)
        return [self.network.one_batch([view], False)[0] for view in views]

    def expect(self, step):
        """Another class shift in each step, so that nothing may remember an old one."""
        if self.shifts:
            c = torch.arange(CLASSES, dtype=torch.float64)
            self.network.shift = self.teacher.shift = formula(CLASS_SHIFT * torch.sin(2 + c + step), self.dtype)

    def progress(self, batch):
        """From 0 in the first step with unlabeled faces."""
        return (batch.step - self.first) / (STEPS - self.first)

    def ramp(self, batch):
        return 1.0 if self["ramp"] == 0 else min(self.progress(batch) / self["ramp"], 1.0)

    def expected_shares(self):
        """Of the classes among unlabeled faces, where logits are shifted: those of the labels, shifted."""
        learned = self.prior ** (1 - self.imbalance.get("logit_adjustment", 0))
        return normalized(learned * self.network.shift.exp())

    def of_expected_shares(self, even):
        """Beliefs for even shares as beliefs for the expected ones."""
        return normalized(even * self.expected_shares()) if self.shifts else even

    def mean(self, name, x, momentum, initial=None):
        """A running mean: starts with the first x unless there is an initial value."""
        old = self.state.get(name, initial)
        self.state[name] = x.detach() if old is None else momentum * old + (1 - momentum) * x.detach()
        return self.state[name]

    def window(self, name, p):
        """Distribution alignment by the mean of the last 32 batches, this one included."""
        self.state[name] = (self.state.get(name, []) + [p.mean(0)])[-32:]
        return normalized(p / torch.stack(self.state[name]).mean(0))

    def parameter(self, name, *shape):
        if name not in self.parameters:
            i = torch.arange(math.prod(shape), dtype=torch.float64)
            self.parameters[name] = formula(0.3 * torch.sin(1 + i + 7 * len(name)), self.dtype).view(shape).requires_grad_()
        return self.parameters[name]

    def linear(self, name, x, outputs):
        return x @ self.parameter(name + ".weight", outputs, x.size(1)).T + self.parameter(name + ".bias", outputs)

    def mlp(self, name, x, outputs):
        return self.linear(name + ".output", self.linear(name + ".hidden", x, WIDTH).relu(), outputs)

    def projection(self, seen):
        return unit(self.mlp("projection", seen.features, self["dim"]))

    def beliefs(self, seen):
        alignment = self.imbalance.get("alignment")
        if not alignment:
            return seen.logits.detach().softmax(1)
        p = seen.unshifted.detach().softmax(1)
        target = self.prior if alignment == "labeled" else torch.full_like(self.prior, 1 / CLASSES)
        if self.shifts:
            target = self.expected_shares()
        return normalized(p * target / self.mean("beliefs", p.mean(0), self.imbalance["momentum"]))

    def labeled_loss(self, seen, targets):
        logits = seen.unshifted + self.imbalance.get("logit_adjustment", 0) * self.prior.log()
        return cross_entropy((1 - self.smoothing) * targets + self.smoothing / CLASSES, logits)

    def pseudo(self, logits, target, beliefs):
        """The pseudo-label's loss of each face, with ambiguous labels at the category level."""
        plain = cross_entropy(target, logits)
        if not self.category:
            return plain
        faces = [ambiguous_loss(p, s) for p, s in zip(beliefs, logits)]
        loss = torch.stack([value * weight for value, weight in faces])
        return loss * (plain.mean() / loss.mean()).detach()

    def reaches(self, values, threshold):
        """Which faces are taken."""
        assert ((values - threshold).abs() > MARGIN).all(), f"a face is too close to its threshold: {values} {threshold}"
        self.masks.append(values >= threshold)
        return self.masks[-1]

    def varies(self, decisions):
        self.seldom = [torch.cat([*self.seldom, torch.as_tensor(decisions)])]

    def fixmatch(self, weak, strong):
        """(loss, beliefs, mask) of hard pseudo-labels from one view for another."""
        p = self.beliefs(weak)
        mask = self.reaches(largest(p), self["threshold"])
        return (self.pseudo(strong.logits, most_probable(p), p) * mask).mean(), p, mask
