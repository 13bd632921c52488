"""One training step of the authors' published code: four forwards, objective, backward, Adam, moving average."""
import copy

import torch
from torch import nn

from loss import objective

LEARNING_RATE = 5e-4  # for 16 labeled faces a step; in proportion for other numbers


class MovingAverage:
    """ema ← 0.999·ema + 0.001·θ, then θ ← θ·(1 − 0.02·lr), for every floating-point tensor of the state dictionary.

    The dictionary lists each tensor of a shared expert nine times, so it is averaged and decayed nine times; batch-norm
    statistics and the gate's deviation are averaged and decayed too. All of this is as published.
    """

    def __init__(self, model, rate, keep=0.999):
        self.model = copy.deepcopy(model)
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        self.keep, self.shrink = keep, 1 - 0.02 * rate
        pairs = zip(model.state_dict().values(), self.model.state_dict().values())
        self.pairs = [(tensor, mean) for tensor, mean in pairs if tensor.is_floating_point()]

    @torch.no_grad()
    def update(self):
        for tensor, mean in self.pairs:
            mean.mul_(self.keep).add_(tensor, alpha=1 - self.keep)
            tensor.mul_(self.shrink)


class LowPrecision(nn.Module):
    """An encoder that computes in bfloat16, with channels last; its features are float32 again."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder.to(memory_format=torch.channels_last)

    def forward(self, faces):
        with torch.autocast(faces.device.type, dtype=torch.bfloat16):
            return self.encoder(faces.contiguous(memory_format=torch.channels_last)).float()


class Trainer:
    """A model with what training it needs; `step` changes all of it. The published code knows no bfloat16."""

    def __init__(self, model, batch, classes, device="cpu", precision="float32"):
        rate = LEARNING_RATE * batch / 16
        self.device = device
        model = model.to(device)
        if precision == "bfloat16":
            model.encoder = LowPrecision(model.encoder)
        self.model, self.thresholds = model.train(), torch.full((classes,), 0.8, device=device)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        self.average = MovingAverage(model, rate)

    def step(self, labeled, labels, first, second, strong):
        """Views x, u, u′, s, each [B, 3, H, W], and labels [B] -> the loss, a number."""
        views = [view.to(self.device, non_blocking=True) for view in (labeled, first, second, strong)]
        labels = labels.to(self.device, non_blocking=True)
        outputs = [self.model(view) for view in views]
        loss = objective(*outputs, labels, self.thresholds)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.average.update()
        return loss.item()
