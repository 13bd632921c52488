"""The objectives, one function an algorithm: the terms (name, value, weight) of a step. See parts.py for the notation.

The decorator states the views read (weak, strong, labeled strong), the state compared, and the defaults of the options.
"""
import math

import torch

from parts import (CLASSES, LABELED, LABELED_POOL, MARGIN, STEPS, UNLABELED, UNLABELED_POOL, contrast, cross_entropy, divergence,
                   histogram, largest, most_probable, normalized, quotient, sharpen, unit)

ALGORITHMS = {}


def algorithm(weak, strong, labeled_strong, /, *state, **defaults):
    def register(function):
        views = {"weak": weak, "strong": strong, "labeled_strong": labeled_strong}
        ALGORITHMS[function.__name__] = {"objective": function, "views": views, "state": state, "defaults": defaults}
        return function
    return register


def supervised_term(run, batch, seen):
    return "supervised", run.labeled_loss(seen, batch.targets).mean(), 1.0


def labels_alone(run, batch, name):
    """A step of the first phase, whatever the algorithm but for what it measures."""
    x, = run.passes(batch["labeled"])
    if name == "dash":
        first_bound(run, batch, x)
    return [supervised_term(run, batch, x)]


@algorithm(0, 0, 0)
def supervised(run, batch):
    return [supervised_term(run, batch, *run.passes(batch["labeled"]))]


@algorithm(1, 0, 0, threshold=0.95, unlabeled=1.0, ramp=0.4)
def pseudo_label(run, batch):
    x, u = run.passes(batch["labeled"], batch["weak.0"], follow_first=True)
    loss, _, _ = run.fixmatch(u, u)
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"] * run.ramp(batch))]


def probabilities_agree(run, batch, x, student, target):
    loss = (student.logits.softmax(1) - target).square().mean()
    return [supervised_term(run, batch, x), ("consistency", loss, run["unlabeled"] * run.ramp(batch))]


@algorithm(2, 0, 0, unlabeled=10.0, ramp=0.4)
def pi_model(run, batch):
    x, u, student = run.passes(batch["labeled"], batch["weak.0"], batch["weak.1"], follow_first=True)
    return probabilities_agree(run, batch, x, student, run.beliefs(u))


@algorithm(2, 0, 0, unlabeled=50.0, ramp=0.4)
def mean_teacher(run, batch):
    x, student = run.passes(batch["labeled"], batch["weak.1"], follow_first=True)
    return probabilities_agree(run, batch, x, student, run.beliefs(run.teacher.evaluate(batch["weak.0"])))


def lengths(d):
    return d.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


@algorithm(1, 0, 0, xi=1.0, epsilon=6.0, iterations=1, unlabeled=1.0, entropy=0.06, ramp=0.4)
def vat(run, batch):
    u = batch["weak.0"]
    x, = run.passes(batch["labeled"])

    def logits(pixels):  # all by the statistics of these faces alone
        return run.aside(pixels)[0].logits

    z = logits(u)
    d = torch.randn(u.shape).to(run.dtype)
    for _ in range(run["iterations"]):
        d = (run["xi"] * d / lengths(d)).requires_grad_()
        d = torch.autograd.grad(divergence(z, logits(u.detach() + d)).mean(), d)[0]
    r = run["epsilon"] * quotient(d, lengths(d).expand_as(d))
    adversarial = divergence(z, logits(u + r)).mean()
    assert divergence(z, logits(u)).abs().max() < 1e-6, "no change is no divergence"
    p = z.softmax(1)
    entropy = -(p * p.log()).sum(1).mean()
    return [supervised_term(run, batch, x), ("adversarial", adversarial, run["unlabeled"] * run.ramp(batch)),
            ("entropy", entropy, run["entropy"])]


@algorithm(1, 1, 0, threshold=0.8, temperature=0.4, unlabeled=1.0, annealing="none")
def uda(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    counts, t = torch.ones(LABELED, dtype=run.dtype), run.progress(batch)
    if run["annealing"] != "none":
        h = {"linear": t, "exponential": math.exp(5 * (t - 1)), "logarithmic": 1 - math.exp(-5 * t)}[run["annealing"]]
        bound = h * (1 - 1 / CLASSES) + 1 / CLASSES
        right = (x.unshifted.softmax(1) * batch.targets).sum(1).detach()
        assert ((right - bound).abs() > MARGIN).all()
        counts = (right <= bound).to(run.dtype)
        run.varies(right <= bound)
    z = weak.logits.detach()
    q = (z / run["temperature"]).softmax(1)
    mask = run.reaches(largest(z.softmax(1)), run["threshold"])
    loss = (run.pseudo(strong.logits, q, q) * mask).mean()
    supervised = (counts * run.labeled_loss(x, batch.targets)).mean()
    return [("supervised", supervised, 1.0), ("unlabeled", loss, run["unlabeled"])]


def mix(run, x, targets):
    """Mixup of rows with a random other row, the own part being the larger."""
    share = torch._sample_dirichlet(torch.tensor([run["alpha"]] * 2, dtype=torch.float32))[0].item()
    share = max(share, 1 - share)
    other = torch.randperm(len(x))
    return share * x + (1 - share) * x[other], share * targets + (1 - share) * targets[other]


@algorithm(2, 0, 0, temperature=0.5, alpha=0.75, unlabeled=100.0, ramp=0.4)
def mixmatch(run, batch):
    both = [seen.logits.detach().softmax(1) for seen in run.aside(batch["weak.0"], batch["weak.1"])]
    q = sharpen((both[0] + both[1]) / 2, run["temperature"])
    x, targets = mix(run, torch.cat([batch["labeled"], batch["weak.0"], batch["weak.1"]]), torch.cat([batch.targets, q, q]))
    mixed, first, second = run.passes(*x.split([LABELED, UNLABELED, UNLABELED]), follow_first=True)
    supervised = run.labeled_loss(mixed, targets[:LABELED]).mean()
    unlabeled = (torch.cat([first.logits, second.logits]).softmax(1) - targets[LABELED:]).square().mean()
    return [("supervised", supervised, 1.0), ("unlabeled", unlabeled, run["unlabeled"] * run.ramp(batch))]


@algorithm(1, 2, 0, temperature=0.5, alpha=0.75, strong=0.5, mixed=1.5, rotation=0.5, ramp=0.015625, momentum=0.999)
def remixmatch(run, batch):
    p = run.aside(batch["weak.0"])[0].unshifted.detach().softmax(1)
    mean = run.mean("model", p.mean(0), run["momentum"])
    q = sharpen(normalized(p * (run.expected_shares() if run.shifts else run.prior) / mean), run["temperature"])
    views = [batch[name] for name in ("labeled", "strong.0", "strong.1", "weak.0")]
    x, targets = mix(run, torch.cat(views), torch.cat([batch.targets, q, q, q]))
    turns = torch.randint(0, 4, (UNLABELED,))
    rotated = torch.stack([face.rot90(k.item(), (1, 2)) for face, k in zip(batch["strong.0"], turns)])
    labeled, rest, strong, turned = run.passes(x[:LABELED], x[LABELED:], batch["strong.0"], rotated, follow_first=True)
    guess = run.linear("rotation", turned.features, 4).log_softmax(1)
    rotation = -sum(guess[i, k] for i, k in enumerate(turns)) / UNLABELED
    ramp = run.ramp(batch)
    return [("supervised", run.labeled_loss(labeled, targets[:LABELED]).mean(), 1.0),
            ("strong", run.pseudo(strong.logits, q, q).mean(), run["strong"] * ramp),
            ("mixed", cross_entropy(targets[LABELED:], rest.logits).mean(), run["mixed"] * ramp),
            ("rotation", rotation, run["rotation"])]


@algorithm(1, 1, 0, threshold=0.95, unlabeled=1.0)
def fixmatch(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    loss, _, _ = run.fixmatch(weak, strong)
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"])]


@algorithm(1, 1, 0, "memory", threshold=0.95, unlabeled=1.0, warm_up=True)
def flexmatch(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    memory = run.state.setdefault("memory", torch.full((UNLABELED_POOL,), -1))
    p = run.beliefs(weak)
    label = most_probable(p)
    counts = [int((memory == c).sum()) for c in range(CLASSES)]
    most = max(max(counts), int((memory == -1).sum())) if run["warm_up"] else max(counts)
    beta = [count / most if most else 0.0 for count in counts]
    thresholds = torch.tensor([run["threshold"] * beta[c] / (2 - beta[c]) for c in label], dtype=run.dtype)
    mask = run.reaches(largest(p), thresholds)
    loss = (run.pseudo(strong.logits, label, p) * mask).mean()
    run.state["memory"] = memory.clone()
    for face, c, confidence in zip(batch.faces, label, largest(p)):
        assert abs(confidence - run["threshold"]) > MARGIN
        if confidence >= run["threshold"]:
            run.state["memory"][face] = c
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"])]


@algorithm(1, 1, 0, "threshold", "probability", "histogram", unlabeled=1.0, fairness=0.01, momentum=0.999)
def freematch(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    p = run.beliefs(weak)
    label, m = most_probable(p), run["momentum"]
    uniform = torch.full((CLASSES,), 1 / CLASSES, dtype=run.dtype)
    threshold = run.mean("threshold", largest(p).mean(), m, uniform[0])
    probability = run.mean("probability", p.mean(0), m, uniform)
    labels = run.mean("histogram", histogram(label, run.dtype) / UNLABELED, m, uniform)
    mask = run.reaches(largest(p), threshold * probability[label] / probability.max())
    fairness = strong.logits.sum() * 0
    if mask.any():
        q = strong.logits.softmax(1)[mask]
        a = normalized(quotient(probability, labels))
        b = normalized(quotient(q.mean(0), histogram(most_probable(q), run.dtype) / len(q)))
        fairness = (a * torch.log(b + 1e-12)).sum()
    loss = (run.pseudo(strong.logits, label, p) * mask).mean()
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"]), ("fairness", fairness, run["fairness"])]


@algorithm(1, 1, 0, "mean", "variance", "probability", unlabeled=1.0, deviations=2.0, momentum=0.999,
           statistics="before")
def softmatch(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    p, raw = weak.logits.detach().softmax(1), weak.unshifted.detach().softmax(1)
    m, uniform = run["momentum"], torch.full((CLASSES,), 1 / CLASSES, dtype=run.dtype)
    aligned = normalized(raw * uniform / run.mean("probability", raw.mean(0), m, uniform))
    seen = largest(raw if run["statistics"] == "before" else aligned)
    mean = run.mean("mean", seen.mean(), m, uniform[0])
    variance = run.mean("variance", seen.var(unbiased=True), m, torch.ones((), dtype=run.dtype))
    below = torch.clamp(largest(aligned) - mean, max=0)
    weight = torch.exp(-below ** 2 / (2 * variance / run["deviations"] ** 2))
    run.masks.append(below == 0)
    loss = (weight * run.pseudo(strong.logits, most_probable(p), p)).mean()
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"])]


def first_bound(run, batch, x):
    """The mean plain loss of the labeled faces of the run's first steps, whichever phase they are in."""
    if batch.step < max(1, round(run["warm_up"] * (STEPS - run.first))):
        run.losses = getattr(run, "losses", []) + [cross_entropy(batch.targets, x.unshifted).mean().detach()]
        run.state["loss"] = sum(run.losses) / len(run.losses)


@algorithm(1, 1, 0, "loss", unlabeled=1.0, gamma=1.27, factor=1.0001, floor=0.05, temperature=0.5, warm_up=0.05,
           interval=0.01)
def dash(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    count, t = STEPS - run.first, batch.step - run.first
    warm = max(1, round(run["warm_up"] * count))
    first_bound(run, batch, x)
    if t < warm:
        return [supervised_term(run, batch, x), ("unlabeled", strong.logits.sum() * 0, run["unlabeled"])]
    k = (t - warm) // max(1, round(run["interval"] * count))
    bound = max(run["factor"] * run["gamma"] ** -k * run.state["loss"].item(), run["floor"])
    z = weak.logits.detach()
    p = z.softmax(1)
    target = (z / run["temperature"]).softmax(1) if bound > run["floor"] else most_probable(p)
    mask = run.reaches(-cross_entropy(target, z), -bound)
    loss = (run.pseudo(strong.logits, target, p) * mask).mean()
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"])]


@algorithm(1, 2, 0, temperature=0.2, threshold=0.95, graph=0.8, smoothing=0.9, contrast=1.0, unlabeled=1.0, dim=64, batches=5)
def comatch(run, batch):
    x, weak, strong, other = run.passes(*(batch[name] for name in ("labeled", "weak.0", "strong.0", "strong.1")))
    p = run.window("window", weak.unshifted.detach().softmax(1))
    f_w, f_x = run.projection(weak).detach(), run.projection(x).detach()
    rows, a = run["batches"] * (LABELED + UNLABELED), run["smoothing"]
    memory, original = run.state.get("rows", []), p
    if len(memory) == rows:
        features, known = (torch.stack(part) for part in zip(*memory))
        p = a * p + (1 - a) * (f_w @ features.T / run["temperature"]).softmax(1) @ known
    run.state["rows"] = (memory + list(zip(f_w, original)) + list(zip(f_x, batch.targets)))[-rows:]

    label = run.of_expected_shares(p)
    mask = run.reaches(largest(label), run["threshold"])
    unlabeled = (run.pseudo(strong.logits, label, label) * mask).mean()
    similar = (run.projection(strong) @ run.projection(other).T / run["temperature"]).softmax(1)
    loss, kept = 0, []
    for i in range(UNLABELED):
        edges = [1.0 if i == j else (p[i] @ p[j]).item() for j in range(UNLABELED)]
        assert all(abs(edge - run["graph"]) > MARGIN for edge in edges)
        edges = [edge if edge >= run["graph"] else 0.0 for edge in edges]
        kept.append(sum(edge > 0 for edge in edges) > 1)
        loss = loss - sum(edge / sum(edges) * torch.log(similar[i, j] + 1e-7) for j, edge in enumerate(edges))
    run.varies(kept)
    return [supervised_term(run, batch, x), ("unlabeled", unlabeled, run["unlabeled"]),
            ("contrast", loss / UNLABELED, run["contrast"])]


@algorithm(1, 1, 0, "bank", temperature=0.1, threshold=0.95, smoothing=0.9, instance=1.0, unlabeled=1.0, dim=128,
           momentum=0.7)
def simmatch(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    bank = run.state.get("rows", {})
    p = run.window("window", weak.unshifted.detach().softmax(1))
    f_w, f_x, f_s = run.projection(weak).detach(), run.projection(x).detach(), run.projection(strong)
    instance, smooth = f_s.sum() * 0, p
    if bank:
        faces = sorted(bank)
        labels, features = torch.tensor([n % CLASSES for n in faces]), torch.stack([bank[n] for n in faces])
        q = (f_w @ features.T / run["temperature"]).softmax(1)
        teacher = normalized(q * p[:, labels])
        gathered = torch.stack([q[:, labels == c].sum(1) for c in range(CLASSES)], 1)
        smooth = run["smoothing"] * p + (1 - run["smoothing"]) * gathered
        instance = -(teacher * (f_s @ features.T / run["temperature"]).log_softmax(1)).sum(1).mean()
    label = run.of_expected_shares(smooth)
    mask = run.reaches(largest(label), run["threshold"])
    loss = (run.pseudo(strong.logits, label, label) * mask).mean()

    run.state["rows"] = dict(bank)
    for face, feature in zip(batch.labeled_faces, f_x):
        m = run["momentum"]
        new = unit((m * bank[face] + (1 - m) * feature)[None])[0] if face in bank else feature
        run.state["rows"][face] = new
    nothing = torch.zeros(run["dim"], dtype=run.dtype)
    run.state["bank"] = torch.stack([run.state["rows"].get(n, nothing) for n in range(LABELED_POOL)])
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"]), ("instance", instance, run["instance"])]


@algorithm(1, 1, 1, threshold=0.9, unlabeled=1.0, momentum=0.999, interpolate=True)
def adamatch(run, batch):
    names = "labeled", "labeled_strong", "weak.0", "strong.0"
    labeled, labeled_strong, weak, strong = run.passes(*(batch[name] for name in names))
    both = [labeled.unshifted, labeled_strong.unshifted]
    if run["interpolate"] and run.joint:
        share = torch.rand(2 * LABELED, CLASSES, dtype=torch.float32).to(run.dtype)
        apart = torch.cat([seen.unshifted for seen in run.aside(batch["labeled"], batch["labeled_strong"])])
        both = (share * torch.cat(both) + (1 - share) * apart).split(LABELED)
    sure, p = both[0].detach().softmax(1), weak.unshifted.detach().softmax(1)
    p_l, p_u = run.mean("labeled", sure.mean(0), run["momentum"]), run.mean("unlabeled", p.mean(0), run["momentum"])
    aligned = normalized(p * p_l * run.network.shift.exp() / p_u)
    mask = run.reaches(largest(aligned), run["threshold"] * largest(sure).mean())
    supervised = sum(cross_entropy(batch.targets, logits).mean() for logits in both)
    loss = (run.pseudo(strong.logits, aligned, aligned) * mask).mean()
    ramp = 0.5 - 0.5 * math.cos(min(math.pi, 2 * math.pi * run.progress(batch)))
    return [("supervised", supervised, 1.0), ("unlabeled", loss, run["unlabeled"] * ramp)]


@algorithm(1, 1, 0, threshold=0.95, unlabeled=1.0, distance=1.0, rotation=1.0, dim=128)
def crmatch(run, batch):
    rotated = torch.cat([batch["weak.0"].rot90(k, (2, 3)) for k in range(4)])
    x, weak, strong, turned = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"], rotated)
    loss, _, mask = run.fixmatch(weak, strong)
    first, second = (run.linear("distance", seen.map, run["dim"]) for seen in (strong, weak))
    cosine = (unit(first) * unit(second.detach())).sum(1)
    distance = (cosine.clamp(min=0) * mask).mean()
    guess = run.mlp("rotation", turned.features, 4).log_softmax(1).split(UNLABELED)
    rotation = -sum(guess[k][:, k].mean() / 4 for k in range(4))
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"]), ("distance", distance, run["distance"]),
            ("rotation", rotation, run["rotation"])]


@algorithm(1, 1, 1, threshold=0.95, unlabeled=0.5)
def defixmatch(run, batch):
    names = "labeled", "labeled_strong", "weak.0", "strong.0"
    x, x_strong, weak, strong = run.passes(*(batch[name] for name in names))
    halves = [run.labeled_loss(seen, batch.targets).mean() / 2 for seen in (x, x_strong)]
    unlabeled, _, _ = run.fixmatch(weak, strong)
    labeled, _, _ = run.fixmatch(x, x_strong)
    return [("supervised", sum(halves), 1.0), ("unlabeled", unlabeled, run["unlabeled"]), ("labeled", labeled, -run["unlabeled"])]


@algorithm(1, 1, 0, threshold=0.95, unlabeled=1.0, divergence=1.0, temperature=0.5)
def refixmatch(run, batch):
    x, weak, strong = run.passes(batch["labeled"], batch["weak.0"], batch["strong.0"])
    loss, _, mask = run.fixmatch(weak, strong)
    unsure = (divergence(weak.logits / run["temperature"], strong.logits / run["temperature"]) * ~mask).mean()
    return [supervised_term(run, batch, x), ("unlabeled", loss, run["unlabeled"]), ("divergence", unsure, run["divergence"])]


@algorithm(1, 2, 0, threshold=0.95, unlabeled=1.0, contrast=1.0, temperature=0.07, dim=64)
def ccssl(run, batch):
    x, weak, strong, other = run.passes(*(batch[name] for name in ("labeled", "weak.0", "strong.0", "strong.1")))
    unlabeled, p, _ = run.fixmatch(weak, strong)
    features = torch.cat([run.projection(strong), run.projection(other)])
    label, sure, n = most_probable(p), largest(p), UNLABELED
    loss = 0
    for i in range(2 * n):
        others = [j for j in range(2 * n) if j != i]
        log_p = torch.stack([features[i] @ features[j] / run["temperature"] for j in others]).log_softmax(0)
        weights = torch.stack([torch.ones_like(sure[0]) if i % n == j % n else
                               (label[i % n] == label[j % n]) * sure[i % n] * sure[j % n] for j in others])
        loss = loss - (weights * log_p).sum() / weights.sum() / (2 * n)
    return [supervised_term(run, batch, x), ("unlabeled", unlabeled, run["unlabeled"]), ("contrast", loss, run["contrast"])]


@algorithm(2, 1, 0, supervised=0.5, unlabeled=1.0, consistency=0.1, temperature=0.07)
def ada_cm(run, batch):
    x, first, second, strong = run.passes(*(batch[name] for name in ("labeled", "weak.0", "weak.1", "strong.0")))
    p = (first.logits.detach().softmax(1) + second.logits.detach().softmax(1)) / 2
    mask = run.reaches(largest(p), run["threshold.value"])
    loss = (run.pseudo(strong.logits, most_probable(p), p) * mask).mean()
    unsure = [seen.features[~mask] for seen in (first, second)]
    consistency = contrast(*unsure, run["temperature"]) if len(unsure[0]) else loss * 0
    return [("supervised", run.labeled_loss(x, batch.targets).mean(), run["supervised"]), ("unlabeled", loss, run["unlabeled"]),
            ("consistency", consistency, run["consistency"])]
