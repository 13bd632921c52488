"""Measures the PyTorch peer and prints one line of JSON: a training step, the making of views, or prediction.

See README.md beside this file.
"""
import argparse
import json
import os
import platform
import random
import re
import resource
import statistics
import sys
import time

import numpy
import PIL
import torch
import torchvision

import faces
from model import Leaf
from step import Trainer


def peak_resident_bytes():
    """The most memory this process ever held in RAM; worker processes are not in it."""
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) * 1024


def measure_steps(options, data):
    """Views per second over `steps` steps after `warmup`; four views a face pair."""
    labeled, unlabeled = faces.split(data, options.labels)
    if min(len(labeled), len(unlabeled)) < options.batch:
        sys.exit(f"--batch {options.batch}: expected as many labeled and unlabeled faces, found {len(labeled)} and {len(unlabeled)}")
    steps, workers = options.warmup + options.steps, max(1, options.workers // 2)
    first_loader = faces.batches(faces.Labeled(labeled, options.size), options.batch, steps, workers, options.seed)
    second_loader = faces.batches(faces.Unlabeled(unlabeled, options.size), options.batch, steps, workers, options.seed + 1)
    trainer = Trainer(Leaf(faces.CLASSES), options.batch, faces.CLASSES, options.device, options.precision)
    waited, computed, losses = [], [], []
    for _ in range(steps):
        start = time.perf_counter()
        views, labels = next(first_loader)
        first, second, strong = next(second_loader)
        ready = time.perf_counter()
        losses.append(trainer.step(views, labels, first, second, strong))
        waited.append(ready - start)
        computed.append(time.perf_counter() - ready)
    if not numpy.isfinite(losses).all():
        sys.exit(f"the loss is not finite: {losses}")
    waited, computed = numpy.array(waited[options.warmup:]), numpy.array(computed[options.warmup:])
    step_seconds = numpy.median(waited + computed)
    del first_loader, second_loader  # ends the workers, whose memory is counted when they have ended
    return {
        "views_per_second": 4 * options.batch / step_seconds,
        "views_per_second_without_waiting": 4 * options.batch / numpy.median(computed),
        "step_seconds": step_seconds, "data_waiting_share": waited.sum() / (waited + computed).sum(),
        "peak_resident_bytes_of_largest_worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
        "device": options.device, "precision": options.precision, "steps": options.steps, "batch": options.batch, "workers": 2 * workers, "last_loss": losses[-1],
    }


def measure_views(options, data):
    """Faces per second of decoding a face and making its weak, second weak and strong view, on one core."""
    torch.set_num_threads(1)
    unlabeled, count, rates = faces.Unlabeled(data, options.size), max(32, 32 * options.steps), []
    for _ in range(3):
        start = time.perf_counter()
        for i in range(count):
            unlabeled[i % len(data)]
        rates.append(count / (time.perf_counter() - start))
    return {"faces_per_second": statistics.median(rates)}


@torch.inference_mode()
def measure_prediction(options, _):
    """Faces per second in batches of 64 and milliseconds for one face, from views to probabilities."""
    kind = {"float32": torch.float32, "bfloat16": torch.bfloat16}[options.precision]
    model = Leaf(faces.CLASSES).eval().to(kind)

    def seconds(count, repeats):
        views, times = torch.rand(count, 3, options.size, options.size).to(kind), []
        for _ in range(options.warmup + repeats):
            start = time.perf_counter()
            model(views)[0].softmax(1)
            times.append(time.perf_counter() - start)
        return times[options.warmup:]

    batch, one = seconds(64, options.steps), numpy.array(seconds(1, 10 * options.steps)) * 1000
    return {
        "faces_per_second": 64 / statistics.median(batch), "latency_ms_p50": numpy.percentile(one, 50),
        "latency_ms_p99": numpy.percentile(one, 99), "precision": options.precision,
    }


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", metavar="DIR", help="FERPlus: a folder with FER2013Train/label.csv and its PNG faces")
    source.add_argument("--synthetic", action="store_true", help="pictures of random bytes (the default)")
    parser.add_argument("--face-size", type=int, default=48, help="height and width of --synthetic pictures")
    parser.add_argument("--size", type=int, default=64, help="height and width of a view")
    parser.add_argument("--steps", type=int, default=10, help="steps measured")
    parser.add_argument("--warmup", type=int, default=3, help="steps before that")
    parser.add_argument("--batch", type=int, default=16, help="labeled faces a step, and as many unlabeled ones")
    parser.add_argument("--labels", type=int, default=800, help="labeled faces in all")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="threads of PyTorch's operators")
    parser.add_argument("--workers", type=int, default=2, help="processes that make views: half for each loader, at least one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--views-only", action="store_true", help="measure the making of views on one core")
    parser.add_argument("--predict", action="store_true", help="measure prediction")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="of steps and --predict")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="where steps are taken")
    options = parser.parse_args()
    for name in ("steps", "batch", "threads", "workers", "labels", "size", "face_size"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')}: expected at least 1, found {getattr(options, name)}")
    return options


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    data = faces.read_ferplus(options.data) if options.data else faces.random_faces(1600, options.face_size, options.seed)
    what = "views" if options.views_only else "predict" if options.predict else "step"
    measure = {"views": measure_views, "predict": measure_prediction, "step": measure_steps}[what]
    found = measure(options, data)
    print(json.dumps({
        "what": what, "size": options.size, **found, "peak_resident_bytes": peak_resident_bytes(), "threads": torch.get_num_threads(),
        "seed": options.seed, "data": options.data or f"random bytes {options.face_size}x{options.face_size}",
        "python": platform.python_version(), "torch": torch.__version__, "torchvision": torchvision.__version__,
        "pillow": PIL.__version__, "numpy": numpy.__version__,
    }))


if __name__ == "__main__":
    main()
