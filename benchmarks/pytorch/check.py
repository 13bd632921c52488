"""Compares the peer with numbers made by the authors' published code: check.py GOLDENS. Exit code 1 where they differ."""
import copy
import json
import pathlib
import struct
import sys

import numpy
import torch
from PIL import Image
from torch import nn
from torchvision.transforms import functional as picture

import loss
import views
from model import Expert, Gate, Leaf, Mixture, balance_loss
from step import MovingAverage, Trainer

worst = {}  # the largest difference of each kind


def compare(kind, found, expected, tolerance):
    """The smaller of relative and absolute difference, element by element, must not exceed `tolerance`."""
    if tuple(found.shape) != tuple(expected.shape):
        sys.exit(f"{kind}: expected shape {tuple(expected.shape)}, found {tuple(found.shape)}")
    difference = (found.detach().double() - expected.double()).abs()
    scale = expected.double().abs().clamp(min=1)
    largest = (difference / scale).max().item() if difference.numel() else 0.0
    if not largest <= tolerance:
        sys.exit(f"{kind}: differs by {largest:g}, more than {tolerance:g}")
    count, known = worst.get(kind, (0, 0.0))
    worst[kind] = (count + 1, max(known, largest))


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    kinds = {"F32": numpy.float32, "I64": numpy.int64}
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            found[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"]).copy())
    return found


def cases(tensors, depth):
    """The prefixes of `depth` parts under which tensors are named."""
    return sorted({".".join(name.split(".")[:depth]) for name in tensors})


def check_category(tensors):
    for case in cases(tensors, 2):
        for name in [name for name in tensors if name.startswith(case) and name.endswith(".loss")]:
            shape, mass = name[len(case) + 1:-len(".loss")].split(".", 1)
            strong = tensors[f"{case}.strong_logits"].clone().requires_grad_()
            ambiguous = loss.ambiguous_labels(tensors[f"{case}.weak_logits"].softmax(1), float(mass), 3, shape)
            each = loss.ambiguous_loss(strong, ambiguous.positive)
            (each * ambiguous.weight).mean().backward()
            compare("category loss", each, tensors[name], 1e-5)
            compare("category weight", ambiguous.weight, tensors[name.replace(".loss", ".weight")], 1e-5)
            compare("category gradient", strong.grad, tensors[name.replace(".loss", ".grad")], 1e-4)


def mixture_of(case, tensors):
    kind, entries, top_k = case.split(".")
    width = tensors[f"{case}.x"].shape[1]
    make = {"linear": lambda: nn.Linear(width, width), "residual": lambda: Expert(width)}[kind]
    mixture = Mixture(Gate(width, int(entries[1:]), int(top_k[1:])), [make() for _ in range(int(entries[1:]))])
    prefix = f"{case}.param."
    weights = {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}
    weights = {f"gate.{name}" if name.startswith("w_") else name: value for name, value in weights.items()}
    missing, unexpected = mixture.load_state_dict(weights, strict=False)
    if unexpected or set(missing) != {"gate.mean", "gate.deviation"}:
        sys.exit(f"{case}: parameters missing {missing}, unexpected {unexpected}")
    return mixture


def check_mixture(tensors):
    for case in cases(tensors, 3):
        mixture, x = mixture_of(case, tensors), tensors[f"{case}.x"].requires_grad_()
        y, values, load = mixture.eval()(x)
        y.sin().sum().backward()
        compare("mixture output", y, tensors[f"{case}.eval.y"], 1e-5)
        compare("gate, evaluation", values, tensors[f"{case}.eval.gates"], 1e-5)
        compare("load, evaluation", load, tensors[f"{case}.eval.load"], 1e-5)
        compare("mixture gradient", x.grad, tensors[f"{case}.eval.grad_x"], 1e-4)
        compare("mixture gradient", mixture.gate.w_gate.grad, tensors[f"{case}.eval.grad_w_gate"], 1e-4)
        mixture.zero_grad()
        values, load = mixture.train().gate(x, tensors[f"{case}.noise"])
        balance = balance_loss(values, load)
        compare("gate, training", values, tensors[f"{case}.train.gates"], 1e-5)
        compare("load, training", load, tensors[f"{case}.train.load"], 1e-5)
        compare("balance loss", balance.reshape(1), tensors[f"{case}.train.balance_loss"], 1e-5)
        if balance.requires_grad:
            balance.backward()
        for name, weight in [("w_gate", mixture.gate.w_gate), ("w_noise", mixture.gate.w_noise)]:
            gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
            compare("balance gradient", gradient, tensors[f"{case}.train.balance_grad_{name}"], 1e-4)


def check_contrast(tensors):
    for case in cases(tensors, 1):
        features = tensors[f"{case}.features"].requires_grad_()
        found = loss.contrast(features[:, 0], features[:, 1])
        found.backward()
        compare("contrastive loss", found.reshape(1), tensors[f"{case}.loss"], 1e-5)
        compare("contrastive gradient", features.grad, tensors[f"{case}.grad"], 1e-4)


def check_thresholds(tensors):
    for case in cases(tensors, 2):
        epoch = int(case.split("epoch")[1])
        thresholds = loss.adaptive_thresholds(tensors[f"{case}.logits"], tensors[f"{case}.targets"], epoch)
        sure, _ = loss.confident(tensors[f"{case}.mask.probs"], tensors[f"{case}.thresholds"])
        compare("thresholds", thresholds, tensors[f"{case}.thresholds"], 1e-5)
        compare("confident faces", sure.float(), tensors[f"{case}.mask.keep"], 0)


def check_average(tensors):
    model = nn.ParameterList([nn.Parameter(tensors["param0"].clone())])
    average = MovingAverage(model, 5e-4)
    average.model[0].copy_(tensors["ema0"])
    for step in (1, 2, 3):
        average.update()
        compare("moving average", average.model[0], tensors[f"ema{step}"], 1e-6)
        compare("decay", model[0], tensors[f"param{step}"], 1e-6)


def check_pictures(folder):
    def same(kind, found, expected):
        found, expected = (torch.from_numpy(numpy.asarray(face).copy()) for face in (found, expected))
        compare(kind, found.long(), expected.long(), 0)

    for entry in json.loads((folder / "randaugment/index.json").read_text()):
        operation, _, _ = views.OPERATIONS[entry["op"]]
        face, expected = (Image.open(folder / "randaugment" / entry[key]) for key in ("input", "output"))
        same("operations", operation(face, entry["value"]), expected)
    for entry in json.loads((folder / "cutout/index.json").read_text()):
        face, expected = (Image.open(folder / "cutout" / name) for name in ("input.png", entry["output"]))
        same("cutout", views.cutout(face, entry["fraction"], entry["center_x"], entry["center_y"]), expected)
    for entry in json.loads((folder / "resize/index.json").read_text()):
        face, expected = (Image.open(folder / "resize" / entry[key]) for key in ("input", "output"))
        if "shorter_side" in entry:
            face = picture.resize(face, entry["shorter_side"])
        elif "pad" in entry:
            face = picture.crop(picture.pad(face, entry["pad"]), entry["top"], entry["left"], entry["size"], entry["size"])
        elif entry["flip"]:
            face = picture.hflip(face)
        same("resize, crop, flip", face, expected)


def check_step():
    """What a whole step does to the state, as the specification describes it."""
    torch.manual_seed(0)
    trainer = Trainer(Leaf(8), 4, 8)
    state = trainer.model.state_dict()
    listed = torch.tensor([sum(other.data_ptr() == tensor.data_ptr() for other in state.values())
                           for name, tensor in state.items() if "expert" in name])
    compare("expert, times listed", listed, torch.full_like(listed, 9), 0)

    before = copy.deepcopy(state)
    with torch.no_grad():
        trainer.average.update()
    for name, tensor in state.items():
        if tensor.is_floating_point():
            times = 9 if "expert" in name else 1
            compare("step, decay", tensor, before[name] * (1 - 0.02 * 1.25e-4) ** times, 1e-7)

    result = trainer.step(torch.rand(4, 3, 32, 32), torch.arange(4), *torch.rand(3, 4, 3, 32, 32))
    compare("step, finite loss", torch.tensor(result).isfinite(), torch.tensor(True), 0)
    for name, tensor in state.items():
        if name.endswith(("w_gate", "w_noise")):
            compare("step, gates learn nothing", tensor, torch.zeros_like(tensor), 0)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check.py GOLDENS")
    folder = pathlib.Path(sys.argv[1])
    checks = {"category_loss": check_category, "mixture_of_experts": check_mixture, "contrastive_loss": check_contrast,
              "adaptive_threshold": check_thresholds, "ema": check_average}
    for name, check in checks.items():
        check(read_safetensors(folder / f"{name}.safetensors"))
    check_pictures(folder)
    check_step()
    for kind, (count, largest) in worst.items():
        print(f"{kind:26} {count:5} comparisons, largest difference {largest:.2g}")


if __name__ == "__main__":
    main()
