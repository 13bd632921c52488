"""Views of a face with Pillow and torchvision (docs/paper.md, Training): weak, strong and the one for prediction."""
import random

from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from torchvision import transforms

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, RGB
PADDING = 8  # pixels of black around a face before the random crop
CUTOUT_FILL = (125, 123, 114)


def affine(face, matrix):
    """Nearest neighbor, black where nothing is known; `matrix` takes output pixels to input pixels."""
    return face.transform(face.size, Image.Transform.AFFINE, matrix)


# name: (operation of a face and a magnitude, smallest magnitude, largest magnitude)
OPERATIONS = {
    "AutoContrast": (lambda face, _: ImageOps.autocontrast(face), 0, 1),
    "Brightness": (lambda face, v: ImageEnhance.Brightness(face).enhance(v), 0.05, 0.95),
    "Color": (lambda face, v: ImageEnhance.Color(face).enhance(v), 0.05, 0.95),
    "Contrast": (lambda face, v: ImageEnhance.Contrast(face).enhance(v), 0.05, 0.95),
    "Equalize": (lambda face, _: ImageOps.equalize(face), 0, 1),
    "Identity": (lambda face, _: face, 0, 1),
    "Posterize": (lambda face, v: ImageOps.posterize(face, int(v)), 4, 8),
    "Rotate": (lambda face, v: face.rotate(v), -30, 30),
    "Sharpness": (lambda face, v: ImageEnhance.Sharpness(face).enhance(v), 0.05, 0.95),
    "ShearX": (lambda face, v: affine(face, (1, v, 0, 0, 1, 0)), -0.3, 0.3),
    "ShearY": (lambda face, v: affine(face, (1, 0, 0, v, 1, 0)), -0.3, 0.3),
    "Solarize": (lambda face, v: ImageOps.solarize(face, v), 0, 256),
    "TranslateX": (lambda face, v: affine(face, (1, 0, v * face.width, 0, 1, 0)), -0.3, 0.3),
    "TranslateY": (lambda face, v: affine(face, (1, 0, 0, 0, 1, v * face.height)), -0.3, 0.3),
}


def cutout(face, fraction, center_x, center_y):
    """Paints a square of side `fraction` of the width, clipped at the border, around a center in pixels."""
    side = fraction * face.width
    if side <= 0:
        return face
    left, top = int(max(0, center_x - side / 2)), int(max(0, center_y - side / 2))
    right, bottom = min(face.width, left + side), min(face.height, top + side)
    face = face.copy()
    ImageDraw.Draw(face).rectangle((left, top, right, bottom), CUTOUT_FILL)
    return face


def strengthen(face):
    """Three operations drawn with replacement, each with a uniform magnitude, then a cutout."""
    for operation, low, high in random.choices(list(OPERATIONS.values()), k=3):
        face = operation(face, random.uniform(low, high))
    return cutout(face, random.uniform(0, 0.5), random.uniform(0, face.width), random.uniform(0, face.height))


def prediction_view(size):
    return transforms.Compose([transforms.Resize(size), transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)])


def weak_view(size):
    return transforms.Compose([
        transforms.Resize(size),
        transforms.RandomApply([transforms.RandomCrop(size, padding=PADDING)], p=0.5),
        transforms.RandomHorizontalFlip(p=0.5),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, DEVIATION),
    ])


def strong_view(size):
    return transforms.Compose([strengthen, weak_view(size)])
