"""The network of the authors' published code (docs/paper.md, "reference").

n faces, D = 512 features, K = 8 entries that are one shared expert, C classes.
"""
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models import resnet18

WIDTH, ENTRIES, TOP_K = 512, 8, 1
DOUBLE_EPSILON = 2.220446049250313e-16


class Expert(nn.Module):
    """A residual bottleneck: x + W2·relu(W1·x), hidden width D/2."""

    def __init__(self, width):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(width, width // 2), nn.ReLU(), nn.Linear(width // 2, width))

    def forward(self, x):
        return x + self.fc(x)


class Gate(nn.Module):
    """A noisy top-k gate (arXiv 1701.06538): [n, D] -> values [n, K], of which k are not 0, and load [K]."""

    def __init__(self, width, entries, top_k):
        super().__init__()
        self.entries, self.top_k = entries, top_k
        self.w_gate = nn.Parameter(torch.zeros(width, entries))
        self.w_noise = nn.Parameter(torch.zeros(width, entries))
        self.register_buffer("mean", torch.zeros(1))  # of the normal law of the load: part of the state, so the
        self.register_buffer("deviation", torch.ones(1))  # moving average's decay shrinks them, as it does the authors'

    def forward(self, x, noise=None):
        """`noise` [n, K] is drawn from N(0, 1) if not given; it is used in training only."""
        clean = x @ self.w_gate
        deviation = F.softplus(x @ self.w_noise) + 0.01
        logits = clean
        if self.training:
            logits = clean + (torch.randn_like(clean) if noise is None else noise) * deviation
        largest, index = logits.topk(min(self.top_k + 1, self.entries), dim=1)
        kept = largest[:, : self.top_k].softmax(1)
        values = torch.zeros_like(logits).scatter(1, index[:, : self.top_k], kept)
        if self.training and self.top_k < self.entries:
            return values, self._chance_in_top_k(clean, logits, deviation, largest).sum(0)
        return values, (values > 0).sum(0)

    def _chance_in_top_k(self, clean, logits, deviation, largest):
        kth, next_largest = largest[:, self.top_k - 1, None], largest[:, self.top_k, None]
        limit = torch.where(logits > next_largest, next_largest, kth)
        return torch.distributions.Normal(self.mean, self.deviation, validate_args=False).cdf((clean - limit) / deviation)


def balance_loss(values, load):
    """0.01·(cv²(importance) + cv²(load)) of gate values [n, K] and load [K]."""
    def squared_variation(v):
        return v.var() / (v.mean() ** 2 + 1e-10) if v.numel() > 1 else v.new_zeros(())
    return 0.01 * (squared_variation(values.sum(0)) + squared_variation(load.float()))


class Mixture(nn.Module):
    """y = log Σ_j g_j·exp(E_j(x)); each expert sees only the faces for which its gate value is not 0."""

    def __init__(self, gate, experts):
        super().__init__()
        self.gate, self.experts = gate, nn.ModuleList(experts)

    def forward(self, x, noise=None):
        """[n, D] -> y [n, D], gate values [n, K], load [K]."""
        values, load = self.gate(x, noise)
        total = torch.zeros_like(x)
        for j, expert in enumerate(self.experts):
            rows = values[:, j].nonzero().squeeze(1)
            if len(rows):
                total = total.index_add(0, rows, values[rows, j, None] * expert(x[rows]).exp())
        return total.masked_fill(total == 0, DOUBLE_EPSILON).log(), values, load


class Level(nn.Module):
    """One level of the published code: K entries that are one module, which the state dictionary thus lists K + 1 times.

    The balance loss is computed and dropped, as published.
    """

    def __init__(self, width):
        super().__init__()
        self.expert = Expert(width)
        self.mixture = Mixture(Gate(width, ENTRIES, TOP_K), [self.expert] * ENTRIES)

    def forward(self, x):
        y, values, load = self.mixture(x)
        balance_loss(values, load)
        return y


class Leaf(nn.Module):
    """Encoder, semantic level, unit length, instance level (on features), classifier."""

    def __init__(self, classes):
        super().__init__()
        self.encoder = resnet18(weights=None)
        self.encoder.fc = nn.Identity()
        self.dropout = nn.Dropout(0.5)
        self.semantic, self.instance = Level(WIDTH), Level(WIDTH)
        self.classifier = nn.Linear(WIDTH, classes)

    def forward(self, faces):
        """[n, 3, H, W] -> logits [n, C], features of unit length [n, D]."""
        features = F.normalize(self.semantic(self.dropout(self.encoder(faces))))
        return self.classifier(self.instance(features)), features
