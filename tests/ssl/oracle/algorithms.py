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


def supervised_term(run, batch):
    return "supervised", run.labeled_loss(batch), 1.0


@algorithm(0, 0, 0)
def supervised(run, batch):
    return [supervised_term(run, batch)]


@algorithm(1, 0, 0, threshold=0.95, unlabeled=1.0, ramp=0.4)
def pseudo_label(run, batch):
    loss, _, _ = run.fixmatch(batch["weak.0"], batch["weak.0"])
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"] * run.ramp(batch))]


def probabilities_agree(run, batch, target):
    student = run.network.logits(batch["weak.1"]).softmax(1)
    loss = (student - target).square().mean()
    return [supervised_term(run, batch), ("consistency", loss, run["unlabeled"] * run.ramp(batch))]


@algorithm(2, 0, 0, unlabeled=10.0, ramp=0.4)
def pi_model(run, batch):
    return probabilities_agree(run, batch, run.beliefs(run.network.logits(batch["weak.0"])))


@algorithm(2, 0, 0, unlabeled=50.0, ramp=0.4)
def mean_teacher(run, batch):
    return probabilities_agree(run, batch, run.beliefs(run.teacher.logits(batch["weak.0"])))


def lengths(d):
    return d.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


@algorithm(1, 0, 0, xi=1.0, epsilon=6.0, iterations=1, unlabeled=1.0, entropy=0.06, ramp=0.4)
def vat(run, batch):
    u = batch["weak.0"]
    logits = run.network.logits(u)
    d = torch.randn(u.shape).to(run.dtype)
    for _ in range(run["iterations"]):
        d = (run["xi"] * d / lengths(d)).requires_grad_()
        d = torch.autograd.grad(divergence(logits, run.network.logits(u.detach() + d)).mean(), d)[0]
    r = run["epsilon"] * quotient(d, lengths(d).expand_as(d))
    adversarial = divergence(logits, run.network.logits(u + r)).mean()
    p = logits.softmax(1)
    entropy = -(p * p.log()).sum(1).mean()
    return [supervised_term(run, batch), ("adversarial", adversarial, run["unlabeled"] * run.ramp(batch)),
            ("entropy", entropy, run["entropy"])]


@algorithm(1, 1, 0, threshold=0.8, temperature=0.4, unlabeled=1.0, annealing="none")
def uda(run, batch):
    logits, t = run.network.logits(batch["labeled"]), batch.step / STEPS
    counts = torch.ones(LABELED, dtype=run.dtype)
    if run["annealing"] != "none":
        h = {"linear": t, "exponential": math.exp(5 * (t - 1)), "logarithmic": 1 - math.exp(-5 * t)}[run["annealing"]]
        bound = h * (1 - 1 / CLASSES) + 1 / CLASSES
        right = (logits.softmax(1) * batch.targets).sum(1).detach()
        assert ((right - bound).abs() > MARGIN).all()
        counts = (right <= bound).to(run.dtype)
        run.varies(right <= bound)
    weak = run.network.logits(batch["weak.0"]).detach()
    q = (weak / run["temperature"]).softmax(1)
    mask = run.reaches(largest(weak.softmax(1)), run["threshold"])
    loss = (run.pseudo(run.network.logits(batch["strong.0"]), q, q) * mask).mean()
    return [("supervised", (counts * cross_entropy(batch.targets, logits)).mean(), 1.0), ("unlabeled", loss, run["unlabeled"])]


def mix(run, x, targets):
    """Mixup of rows with a random other row, the own part being the larger."""
    share = torch._sample_dirichlet(torch.tensor([run["alpha"]] * 2, dtype=torch.float32))[0].item()
    share = max(share, 1 - share)
    other = torch.randperm(len(x))
    return share * x + (1 - share) * x[other], share * targets + (1 - share) * targets[other]


@algorithm(2, 0, 0, temperature=0.5, alpha=0.75, unlabeled=100.0, ramp=0.4)
def mixmatch(run, batch):
    both = [run.network.logits(batch[name]).detach().softmax(1) for name in ("weak.0", "weak.1")]
    q = sharpen((both[0] + both[1]) / 2, run["temperature"])
    x, targets = mix(run, torch.cat([batch["labeled"], batch["weak.0"], batch["weak.1"]]), torch.cat([batch.targets, q, q]))
    logits = run.network.logits(x)
    supervised = cross_entropy(targets[:LABELED], logits[:LABELED]).mean()
    unlabeled = (logits[LABELED:].softmax(1) - targets[LABELED:]).square().mean()
    return [("supervised", supervised, 1.0), ("unlabeled", unlabeled, run["unlabeled"] * run.ramp(batch))]


@algorithm(1, 2, 0, temperature=0.5, alpha=0.75, strong=0.5, mixed=1.5, rotation=0.5, ramp=0.015625, momentum=0.999)
def remixmatch(run, batch):
    p = run.network.logits(batch["weak.0"]).detach().softmax(1)
    mean = run.mean("model", p.mean(0), run["momentum"])
    q = sharpen(normalized(p * run.prior / mean), run["temperature"])
    views = [batch[name] for name in ("labeled", "strong.0", "strong.1", "weak.0")]
    x, targets = mix(run, torch.cat(views), torch.cat([batch.targets, q, q, q]))
    mixed = cross_entropy(targets, run.network.logits(x))
    strong = run.pseudo(run.network.logits(batch["strong.0"]), q, q).mean()
    turns = torch.randint(0, 4, (UNLABELED,))
    rotated = torch.stack([face.rot90(k.item(), (1, 2)) for face, k in zip(batch["strong.0"], turns)])
    guess = run.linear("rotation", run.network.features(rotated), 4).log_softmax(1)
    rotation = -sum(guess[i, k] for i, k in enumerate(turns)) / UNLABELED
    ramp = run.ramp(batch)
    return [("supervised", mixed[:LABELED].mean(), 1.0), ("strong", strong, run["strong"] * ramp),
            ("mixed", mixed[LABELED:].mean(), run["mixed"] * ramp), ("rotation", rotation, run["rotation"])]


@algorithm(1, 1, 0, threshold=0.95, unlabeled=1.0)
def fixmatch(run, batch):
    loss, _, _ = run.fixmatch(batch["weak.0"], batch["strong.0"])
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"])]


@algorithm(1, 1, 0, "memory", threshold=0.95, unlabeled=1.0, warm_up=True)
def flexmatch(run, batch):
    memory = run.state.setdefault("memory", torch.full((UNLABELED_POOL,), -1))
    p = run.beliefs(run.network.logits(batch["weak.0"]))
    label = most_probable(p)
    counts = [int((memory == c).sum()) for c in range(CLASSES)]
    most = max(max(counts), int((memory == -1).sum())) if run["warm_up"] else max(counts)
    beta = [count / most if most else 0.0 for count in counts]
    thresholds = torch.tensor([run["threshold"] * beta[c] / (2 - beta[c]) for c in label], dtype=run.dtype)
    mask = run.reaches(largest(p), thresholds)
    loss = (run.pseudo(run.network.logits(batch["strong.0"]), label, p) * mask).mean()
    run.state["memory"] = memory.clone()
    for face, c, confidence in zip(batch.faces, label, largest(p)):
        assert abs(confidence - run["threshold"]) > MARGIN
        if confidence >= run["threshold"]:
            run.state["memory"][face] = c
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"])]


@algorithm(1, 1, 0, "threshold", "probability", "histogram", unlabeled=1.0, fairness=0.01, momentum=0.999)
def freematch(run, batch):
    p = run.beliefs(run.network.logits(batch["weak.0"]))
    label, m = most_probable(p), run["momentum"]
    uniform = torch.full((CLASSES,), 1 / CLASSES, dtype=run.dtype)
    threshold = run.mean("threshold", largest(p).mean(), m, uniform[0])
    probability = run.mean("probability", p.mean(0), m, uniform)
    labels = run.mean("histogram", histogram(label, run.dtype) / UNLABELED, m, uniform)
    mask = run.reaches(largest(p), threshold * probability[label] / probability.max())
    strong = run.network.logits(batch["strong.0"])
    fairness = strong.sum() * 0
    if mask.any():
        q = strong.softmax(1)[mask]
        a = normalized(quotient(probability, labels))
        b = normalized(quotient(q.mean(0), histogram(most_probable(q), run.dtype) / len(q)))
        fairness = (a * torch.log(b + 1e-12)).sum()
    loss = (run.pseudo(strong, label, p) * mask).mean()
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"]), ("fairness", fairness, run["fairness"])]


@algorithm(1, 1, 0, "mean", "variance", "probability", unlabeled=1.0, deviations=2.0, momentum=0.999,
           statistics="before")
def softmatch(run, batch):
    p = run.beliefs(run.network.logits(batch["weak.0"]))
    m, uniform = run["momentum"], torch.full((CLASSES,), 1 / CLASSES, dtype=run.dtype)
    aligned = normalized(p * uniform / run.mean("probability", p.mean(0), m, uniform))
    seen = largest(p if run["statistics"] == "before" else aligned)
    mean = run.mean("mean", seen.mean(), m, uniform[0])
    variance = run.mean("variance", seen.var(unbiased=True), m, torch.ones((), dtype=run.dtype))
    below = torch.clamp(largest(aligned) - mean, max=0)
    weight = torch.exp(-below ** 2 / (2 * variance / run["deviations"] ** 2))
    run.masks.append(below == 0)
    loss = (weight * run.pseudo(run.network.logits(batch["strong.0"]), most_probable(p), p)).mean()
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"])]


@algorithm(1, 1, 0, "loss", unlabeled=1.0, gamma=1.27, factor=1.0001, floor=0.05, temperature=0.5, warm_up=0.05,
           interval=0.01)
def dash(run, batch):
    name, labeled, weight = supervised_term(run, batch)
    warm = max(1, round(run["warm_up"] * STEPS))
    if batch.step < warm:
        run.losses = getattr(run, "losses", []) + [labeled.detach()]
        run.state["loss"] = sum(run.losses) / len(run.losses)
        return [(name, labeled, weight), ("unlabeled", labeled * 0, run["unlabeled"])]
    k = (batch.step - warm) // max(1, round(run["interval"] * STEPS))
    bound = max(run["factor"] * run["gamma"] ** -k * run.state["loss"].item(), run["floor"])
    weak = run.network.logits(batch["weak.0"]).detach()
    p = weak.softmax(1)
    target = (weak / run["temperature"]).softmax(1) if bound > run["floor"] else most_probable(p)
    mask = run.reaches(-cross_entropy(target, weak), -bound)
    loss = (run.pseudo(run.network.logits(batch["strong.0"]), target, p) * mask).mean()
    return [(name, labeled, weight), ("unlabeled", loss, run["unlabeled"])]


@algorithm(1, 2, 0, temperature=0.2, threshold=0.95, graph=0.8, smoothing=0.9, contrast=1.0, unlabeled=1.0, dim=64, batches=5)
def comatch(run, batch):
    p = run.window("window", run.network.logits(batch["weak.0"]).detach().softmax(1))
    f_w, f_x = run.projection(batch["weak.0"]).detach(), run.projection(batch["labeled"]).detach()
    rows, a = run["batches"] * (LABELED + UNLABELED), run["smoothing"]
    memory, original = run.state.get("rows", []), p
    if len(memory) == rows:
        features, known = (torch.stack(part) for part in zip(*memory))
        p = a * p + (1 - a) * (f_w @ features.T / run["temperature"]).softmax(1) @ known
    run.state["rows"] = (memory + list(zip(f_w, original)) + list(zip(f_x, batch.targets)))[-rows:]

    mask = run.reaches(largest(p), run["threshold"])
    unlabeled = (run.pseudo(run.network.logits(batch["strong.0"]), p, p) * mask).mean()
    similar = (run.projection(batch["strong.0"]) @ run.projection(batch["strong.1"]).T / run["temperature"]).softmax(1)
    loss, kept = 0, []
    for i in range(UNLABELED):
        edges = [1.0 if i == j else (p[i] @ p[j]).item() for j in range(UNLABELED)]
        assert all(abs(edge - run["graph"]) > MARGIN for edge in edges)
        edges = [edge if edge >= run["graph"] else 0.0 for edge in edges]
        kept.append(sum(edge > 0 for edge in edges) > 1)
        loss = loss - sum(edge / sum(edges) * torch.log(similar[i, j] + 1e-7) for j, edge in enumerate(edges))
    run.varies(kept)
    return [supervised_term(run, batch), ("unlabeled", unlabeled, run["unlabeled"]),
            ("contrast", loss / UNLABELED, run["contrast"])]


@algorithm(1, 1, 0, "bank", temperature=0.1, threshold=0.95, smoothing=0.9, instance=1.0, unlabeled=1.0, dim=128,
           momentum=0.7)
def simmatch(run, batch):
    bank, seen = run.state.get("rows", {}), 0
    p = run.window("window", run.network.logits(batch["weak.0"]).detach().softmax(1))
    f_w, f_x, f_s = (run.projection(batch["weak.0"]).detach(), run.projection(batch["labeled"]).detach(),
                     run.projection(batch["strong.0"]))
    instance, smooth = f_s.sum() * 0, p
    if bank:
        faces = sorted(bank)
        labels, features = torch.tensor([n % CLASSES for n in faces]), torch.stack([bank[n] for n in faces])
        q = (f_w @ features.T / run["temperature"]).softmax(1)
        teacher = normalized(q * p[:, labels])
        gathered = torch.stack([q[:, labels == c].sum(1) for c in range(CLASSES)], 1)
        smooth = run["smoothing"] * p + (1 - run["smoothing"]) * gathered
        instance = -(teacher * (f_s @ features.T / run["temperature"]).log_softmax(1)).sum(1).mean()
    mask = run.reaches(largest(smooth), run["threshold"])
    loss = (run.pseudo(run.network.logits(batch["strong.0"]), smooth, smooth) * mask).mean()

    run.state["rows"] = dict(bank)
    for face, feature in zip(batch.labeled_faces, f_x):
        m = run["momentum"]
        new = unit((m * bank[face] + (1 - m) * feature)[None])[0] if face in bank else feature
        run.state["rows"][face] = new
    nothing = torch.zeros(run["dim"], dtype=run.dtype)
    run.state["bank"] = torch.stack([run.state["rows"].get(n, nothing) for n in range(LABELED_POOL)])
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"]), ("instance", instance, run["instance"])]


@algorithm(1, 1, 1, threshold=0.9, unlabeled=1.0, momentum=0.999, interpolate=True)
def adamatch(run, batch):
    labeled, strong = run.network.logits(batch["labeled"]), run.network.logits(batch["labeled_strong"])
    sure = labeled.detach().softmax(1)
    p = run.network.logits(batch["weak.0"]).detach().softmax(1)
    p_l, p_u = run.mean("labeled", sure.mean(0), run["momentum"]), run.mean("unlabeled", p.mean(0), run["momentum"])
    aligned = normalized(p * p_l / p_u)
    mask = run.reaches(largest(aligned), run["threshold"] * largest(sure).mean())
    supervised = cross_entropy(batch.targets, labeled).mean() + cross_entropy(batch.targets, strong).mean()
    loss = (run.pseudo(run.network.logits(batch["strong.0"]), aligned, aligned) * mask).mean()
    ramp = 0.5 - 0.5 * math.cos(min(math.pi, 2 * math.pi * batch.step / STEPS))
    return [("supervised", supervised, 1.0), ("unlabeled", loss, run["unlabeled"] * ramp)]


@algorithm(1, 1, 0, threshold=0.95, unlabeled=1.0, distance=1.0, rotation=1.0, dim=128)
def crmatch(run, batch):
    loss, _, mask = run.fixmatch(batch["weak.0"], batch["strong.0"])
    first, second = (run.linear("distance", run.network.map(batch[name]), run["dim"]) for name in ("strong.0", "weak.0"))
    cosine = (unit(first) * unit(second.detach())).sum(1)
    distance = (cosine.clamp(min=0) * mask).mean()
    rotation = 0
    for k in range(4):
        features = run.network.features(batch["weak.0"].rot90(k, (2, 3)))
        rotation = rotation - run.mlp("rotation", features, 4).log_softmax(1)[:, k].mean() / 4
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"]), ("distance", distance, run["distance"]),
            ("rotation", rotation, run["rotation"])]


@algorithm(1, 1, 1, threshold=0.95, unlabeled=0.5)
def defixmatch(run, batch):
    halves = [cross_entropy(batch.targets, run.network.logits(batch[name])).mean() / 2 for name in ("labeled", "labeled_strong")]
    unlabeled, _, _ = run.fixmatch(batch["weak.0"], batch["strong.0"])
    labeled, _, _ = run.fixmatch(batch["labeled"], batch["labeled_strong"])
    return [("supervised", sum(halves), 1.0), ("unlabeled", unlabeled, run["unlabeled"]), ("labeled", labeled, -run["unlabeled"])]


@algorithm(1, 1, 0, threshold=0.95, unlabeled=1.0, divergence=1.0, temperature=0.5)
def refixmatch(run, batch):
    loss, _, mask = run.fixmatch(batch["weak.0"], batch["strong.0"])
    weak, strong = (run.network.logits(batch[name]) / run["temperature"] for name in ("weak.0", "strong.0"))
    unsure = (divergence(weak, strong) * ~mask).mean()
    return [supervised_term(run, batch), ("unlabeled", loss, run["unlabeled"]), ("divergence", unsure, run["divergence"])]


@algorithm(1, 2, 0, threshold=0.95, unlabeled=1.0, contrast=1.0, temperature=0.07, dim=64)
def ccssl(run, batch):
    unlabeled, p, _ = run.fixmatch(batch["weak.0"], batch["strong.0"])
    features = torch.cat([run.projection(batch["strong.0"]), run.projection(batch["strong.1"])])
    label, sure, n = most_probable(p), largest(p), UNLABELED
    loss = 0
    for i in range(2 * n):
        others = [j for j in range(2 * n) if j != i]
        log_p = torch.stack([features[i] @ features[j] / run["temperature"] for j in others]).log_softmax(0)
        weights = torch.stack([torch.ones_like(sure[0]) if i % n == j % n else
                               (label[i % n] == label[j % n]) * sure[i % n] * sure[j % n] for j in others])
        loss = loss - (weights * log_p).sum() / weights.sum() / (2 * n)
    return [supervised_term(run, batch), ("unlabeled", unlabeled, run["unlabeled"]), ("contrast", loss, run["contrast"])]


@algorithm(2, 1, 0, supervised=0.5, unlabeled=1.0, consistency=0.1, temperature=0.07)
def ada_cm(run, batch):
    first, second = (run.network.logits(batch[name]).detach().softmax(1) for name in ("weak.0", "weak.1"))
    p = (first + second) / 2
    mask = run.reaches(largest(p), run["threshold.value"])
    loss = (run.pseudo(run.network.logits(batch["strong.0"]), most_probable(p), p) * mask).mean()
    unsure = [run.network.features(batch[name])[~mask] for name in ("weak.0", "weak.1")]
    consistency = contrast(*unsure, run["temperature"]) if len(unsure[0]) else loss * 0
    return [("supervised", run.labeled_loss(batch), run["supervised"]), ("unlabeled", loss, run["unlabeled"]),
            ("consistency", consistency, run["consistency"])]
