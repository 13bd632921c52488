"""What scripts/bench-faces needs beside the programs it times. The photos are those of dlib, with boxes and 68 points in XML.

faces.py pixels PHOTOS OUT          each photo as OUT/NAME.rgb (for peer.js) and OUT/png/NAME.png, and OUT/frame.rgb: 640×480, one face
faces.py score PHOTOS NAME FILE     recall, precision and landmark error of faces.csv (leaf prepare) or of peer.js's lines
faces.py cascade OUT                the lines of OpenCV's cascade, without points
faces.py time OUT WEIGHTS N         median milliseconds of leaf.Finder.find with the expression network on OUT/frame.rgb
"""
import csv
import json
import math
import pathlib
import statistics
import sys
import time
import xml.etree.ElementTree as tree

import numpy

HEIGHT, WIDTH = 480, 640
ONE_FACE = "Tom_Cruise_avp_2014_4.jpg"
ENOUGH = 0.3  # intersection over union of a face that is found


def write_rgb(path, picture):
    path.write_bytes(numpy.array(picture.shape[:2], "<i4").tobytes() + picture.tobytes())


def read_rgb(path):
    data = path.read_bytes()
    height, width = numpy.frombuffer(data[:8], "<i4")
    return numpy.frombuffer(data[8:], "u1").reshape(height, width, 3)


def write_pixels(photos, out):
    import cv2

    (out / "png").mkdir(parents=True, exist_ok=True)
    for path in sorted(photos.glob("*.jpg")):
        picture = cv2.imread(str(path))
        cv2.imwrite(str(out / "png" / (path.name + ".png")), picture)
        write_rgb(out / (path.name + ".rgb"), picture[:, :, ::-1])
        if path.name == ONE_FACE:
            scale = min(HEIGHT / picture.shape[0], WIDTH / picture.shape[1])
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            frame = numpy.full((HEIGHT, WIDTH, 3), 128, numpy.uint8)
            frame[: small.shape[0], : small.shape[1]] = small
            write_rgb(out / "frame.rgb", numpy.ascontiguousarray(frame[:, :, ::-1]))


def true_faces(photos):
    """photo -> [(box, points)] of the photos that are described, and of one that has no face."""
    found = {"dogs.jpg": []}
    for name in ("testing_with_face_landmarks.xml", "training_with_face_landmarks.xml"):
        for image in tree.parse(photos / name).getroot().iter("image"):
            for box in image.iter("box"):
                points = [(float(part.get("x")), float(part.get("y"))) for part in box.iter("part")]
                found.setdefault(image.get("file"), []).append(([float(box.get(key)) for key in ("left", "top", "width", "height")], points))
    return found


def said_faces(path):
    """photo -> [(score, box, points)]"""
    found = {}
    if path.suffix == ".csv":
        for row in csv.DictReader(path.open()):
            if row["score"] == "":
                continue  # a photo without a face
            numbers = [float(number) for number in row["points"].split()]
            box = [float(row[key]) for key in ("left", "top", "width", "height")]
            photo = pathlib.Path(row["source"]).name.removesuffix(".png")
            found.setdefault(photo, []).append((float(row["score"]), box, list(zip(numbers[::2], numbers[1::2]))))
    else:
        for line in path.open():
            face = json.loads(line)
            found.setdefault(face["photo"], []).append((face["score"], face["box"], face["points"]))
    return found


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0, width) * max(0, height)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def mean_point(points):
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def score(photos, name, path):
    true, said = true_faces(photos), said_faces(path)
    right, errors = 0, []
    for photo, faces in true.items():
        left = list(faces)
        for _, box, points in sorted(said.get(photo, []), key=lambda face: -face[0]):
            best = max(left, key=lambda face: overlap(box, face[0]), default=None)
            if best is None or overlap(box, best[0]) <= ENOUGH:
                continue
            left.remove(best)
            right += 1
            if points:
                eyes = math.dist(mean_point(best[1][36:42]), mean_point(best[1][42:48]))
                errors.append(sum(map(math.dist, points, best[1])) / len(points) / eyes)
    faces, found = sum(map(len, true.values())), sum(len(said.get(photo, [])) for photo in true)
    landmarks = f"{statistics.mean(errors):.3f}" if errors else "–"
    print(f"| {name} | {right} of {faces} | {right / faces:.2f} | {right / max(1, found):.2f} | {landmarks} |")


def cascade(out):
    import cv2

    finder = cv2.CascadeClassifier("/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml")
    for path in sorted(out.glob("*.jpg.rgb")):
        gray = cv2.cvtColor(read_rgb(path), cv2.COLOR_RGB2GRAY)
        for box in finder.detectMultiScale(gray, 1.1, 5):
            print(json.dumps({"photo": path.name.removesuffix(".rgb"), "box": [int(n) for n in box], "score": 1, "points": []}))


def time_leaf(out, weights, repeats):
    import leaf

    leaf.set_threads(1)
    model, finder, frame = leaf.Model(weights / "expression.safetensors"), leaf.Finder(weights / "face-api"), read_rgb(out / "frame.rgb")
    times = []
    for i in range(-3, repeats):
        start = time.perf_counter()
        faces, _ = finder.find(frame, model)
        if i >= 0:
            times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"faces": len(faces), "ms": statistics.median(times)}))


def main(what, *words):
    paths = [pathlib.Path(word) for word in words]
    if what == "pixels":
        write_pixels(*paths)
    elif what == "score":
        score(paths[0], words[1], paths[2])
    elif what == "cascade":
        cascade(*paths)
    elif what == "time":
        time_leaf(paths[0], paths[1], int(words[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
