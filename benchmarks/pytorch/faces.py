"""Faces as PNG files in memory, labeled and unlabeled, and the loaders that turn them into views."""
import csv
import io
import pathlib
import sys

import numpy
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, RandomSampler

from views import strong_view, weak_view

CLASSES = 8  # neutral, happiness, surprise, sadness, anger, disgust, fear, contempt


def majority(votes):
    """The class of ten FERPlus votes over 8 classes, unknown and not-a-face; None where there is no majority."""
    votes = [vote if vote > 1 else 0 for vote in votes]
    best = max(range(len(votes)), key=votes.__getitem__)
    return best if best < CLASSES and votes[best] > 0.5 * sum(votes) else None


def read_ferplus(folder):
    """(PNG bytes, label) of every face with a majority in FER2013Train and FER2013Valid."""
    found = []
    for part in ("FER2013Train", "FER2013Valid"):
        table = pathlib.Path(folder) / part / "label.csv"
        if not table.exists():
            continue
        for row in csv.reader(table.open()):
            label = majority([int(vote) for vote in row[2:12]])
            if label is not None:
                found.append(((table.parent / row[0]).read_bytes(), label))
    if not found:
        sys.exit(f"{folder}: expected FER2013Train/label.csv with its faces, found none with a majority label")
    return found


def random_faces(count, size, seed):
    """(PNG bytes, label) of `count` gray pictures of random bytes, size × size."""
    source = numpy.random.RandomState(seed)
    found = []
    for i in range(count):
        data = io.BytesIO()
        Image.fromarray(source.randint(0, 256, (size, size), numpy.uint8)).save(data, "png")
        found.append((data.getvalue(), i % CLASSES))
    return found


def split(faces, labeled, seed=5):
    """The first labeled/8 faces of each class after a shuffle, and the others."""
    source, chosen, rest = numpy.random.RandomState(seed), [], []
    for label in range(CLASSES):
        rows = [i for i, face in enumerate(faces) if face[1] == label]
        source.shuffle(rows)
        chosen += rows[: labeled // CLASSES]
        rest += rows[labeled // CLASSES:]
    return [faces[i] for i in chosen], [faces[i] for i in rest]


def decode(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


class Labeled(Dataset):
    """(x, label)"""

    def __init__(self, faces, size):
        self.faces, self.weak = faces, weak_view(size)

    def __len__(self):
        return len(self.faces)

    def __getitem__(self, i):
        data, label = self.faces[i]
        return self.weak(decode(data)), label


class Unlabeled(Dataset):
    """(u, u′, s)"""

    def __init__(self, faces, size):
        self.faces, self.weak, self.strong = faces, weak_view(size), strong_view(size)

    def __len__(self):
        return len(self.faces)

    def __getitem__(self, i):
        face = decode(self.faces[i][0])
        return self.weak(face), self.weak(face), self.strong(face)


def batches(dataset, batch, steps, workers, seed):
    """`steps` batches from shuffled epochs that follow each other."""
    generator = torch.Generator().manual_seed(seed)
    sampler = RandomSampler(dataset, num_samples=steps * batch, generator=generator)
    return iter(DataLoader(dataset, batch, sampler=sampler, num_workers=workers, drop_last=True, generator=generator))
