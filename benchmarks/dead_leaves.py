"""Writes pictures without a face, for scripts/robustness: dead_leaves.py FOLDER NUMBER [SEED].

Discs and boxes of random grey that cover each other, their sizes by a power law ("dead leaves": edges and textures as in
photographs; Lee, Mumford and Huang, IJCV 2001). 48×48 PNG.
"""
import os
import random
import sys

from PIL import Image, ImageDraw, ImageFilter

SIDE, SHAPES = 192, 400  # drawn four times as large
folder, number = sys.argv[1], int(sys.argv[2])
chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
os.makedirs(folder, exist_ok=True)
for i in range(number):
    picture = Image.new("L", (SIDE, SIDE), chance.randrange(256))
    draw = ImageDraw.Draw(picture)
    for _ in range(SHAPES):
        radius = min(SIDE / 3, 5 / (1e-3 + chance.random()) ** 0.5)  # density ∝ radius⁻³
        x, y = chance.uniform(0, SIDE), chance.uniform(0, SIDE)
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((x - radius, y - radius, x + radius, y + radius), fill=chance.randrange(256))
    picture.filter(ImageFilter.GaussianBlur(2)).resize((48, 48), Image.Resampling.LANCZOS).save(f"{folder}/{i:05}.png")
