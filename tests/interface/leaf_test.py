"""leaf_test.py MODEL PICTURE SAID.csv: the Python module says what `leaf predict` says of a PGM picture of 40×40 pixels."""
import sys
import threading

import leaf
import numpy

model_path, picture, said = sys.argv[1:]
expected = numpy.array([float(number) for number in open(said).read().splitlines()[1].split(",")[2:]])
gray = numpy.frombuffer(open(picture, "rb").read()[-1600:], numpy.uint8).reshape(40, 40)
color = numpy.repeat(gray[:, :, None], 3, 2)

model = leaf.Model(model_path)
assert model.classes[0] == "neutral" and len(model.classes) == 7 and model.view_size == 32, model.classes


def same(found, shape, wanted=expected):
    assert found.shape == shape and found.dtype == numpy.float32, (found.shape, found.dtype)
    assert numpy.abs(found - wanted).max() < 1e-5, numpy.abs(found - wanted).max()


same(model.predict(gray), (7,))
same(model.predict(color), (7,))
same(model.predict(gray[None]), (1, 7))
same(model.predict(numpy.stack([color] * 70)), (70, 7))
same(model.predict(numpy.asfortranarray(color)), (7,))
same(model.predict(numpy.stack([gray, gray])[::-1, :, :]), (2, 7))
same(model.predict_encoded(open(picture, "rb").read()), (7,))
assert model.predict(numpy.empty((0, 40, 40, 3), numpy.uint8)).shape == (0, 7)


def refused(work, text):
    try:
        work()
    except leaf.Error as error:
        assert text in str(error), error
        return
    raise AssertionError(f"not refused: {text}")


refused(lambda: leaf.Model("nowhere"), "no such run or model file")
refused(lambda: leaf.Model(model_path, "int4"), "int4")
refused(lambda: model.predict(gray.astype(float)), "uint8")
refused(lambda: model.predict(numpy.zeros((2, 2, 2, 2, 3), numpy.uint8)), "found [2, 2, 2, 2, 3]")
refused(lambda: model.predict_encoded(b"no picture"), "")
refused(lambda: leaf.set_threads(-1), "threads")

finder = leaf.Finder()
photo = numpy.full((100, 120, 3), 128, numpy.uint8)
assert len(finder.find(photo)) == 0
faces, probabilities = finder.find(photo, model)
assert faces.shape == (0,) and probabilities.shape == (0, 7)
refused(lambda: finder.find(photo.astype(float)), "uint8")
refused(lambda: leaf.Finder("nowhere"), "scripts/weights")

leaf.set_threads(1)
found = [None] * 4
threads = [threading.Thread(target=lambda i=i: found.__setitem__(i, model.predict(numpy.stack([gray] * 20)))) for i in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for each in found:
    same(each, (20, 7))
print("Python agrees")
