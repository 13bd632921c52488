"""LEAF in Python: pictures of faces in, probabilities of expressions out.

    import leaf
    model = leaf.Model("runs/mine")
    model.classes                          # ("neutral", "happiness", …)
    model.predict(faces)                   # uint8 [n, height, width, 3] -> float32 [n, C]
    model.predict_encoded(open("face.jpg", "rb").read())   # -> float32 [C]
    leaf.Finder("face-api").find(photo, model)   # uint8 [height, width, 3] -> faces and their probabilities

It calls the library by its C interface (leaf.h); other Python threads run meanwhile, and several may use one model.
"""
import ctypes
import os
import pathlib

import numpy

_INTERFACE = 1


class Error(Exception):
    """What LEAF says went wrong, in one line."""


def _load():
    name, here = f"libleaf.so.{_INTERFACE}", pathlib.Path(__file__).resolve()
    around = [folder / place / name for folder in here.parents[:4] for place in (".", "lib", "lib64")]
    chosen = os.environ.get("LEAF_LIBRARY") or next((str(path) for path in around if path.exists()), name)
    try:
        return ctypes.CDLL(chosen)
    except OSError as error:
        raise ImportError(f"cannot load {chosen}: {error}; install LEAF, or name its {name} in LEAF_LIBRARY") from None


_library = _load()
_model, _pixels, _floats, _size = ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_float), ctypes.c_int64
for _name, _result, _arguments in (
    ("leaf_version", ctypes.c_char_p, []),
    ("leaf_error", ctypes.c_char_p, []),
    ("leaf_set_threads", ctypes.c_int32, [ctypes.c_int32]),
    ("leaf_open", ctypes.c_int32, [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(_model)]),
    ("leaf_close", None, [_model]),
    ("leaf_class_count", ctypes.c_int32, [_model]),
    ("leaf_class_name", ctypes.c_char_p, [_model, ctypes.c_int32]),
    ("leaf_view_size", ctypes.c_int32, [_model]),
    ("leaf_predict", ctypes.c_int32, [_model, _pixels, _size, _size, _size, _size, _floats]),
    ("leaf_open_finder", ctypes.c_int32, [ctypes.c_char_p, ctypes.POINTER(_model)]),
    ("leaf_close_finder", None, [_model]),
    ("leaf_find", ctypes.c_int32, [_model, _model, _pixels, _size, _size, _size, ctypes.c_int32, ctypes.c_void_p, _floats,
                                   ctypes.POINTER(ctypes.c_int32)]),
    ("leaf_predict_encoded", ctypes.c_int32, [_model, ctypes.c_char_p, ctypes.c_size_t, _floats]),
):
    _function = getattr(_library, _name)
    _function.restype, _function.argtypes = _result, _arguments

version = _library.leaf_version().decode()


def _check(status):
    if status != 0:
        raise Error(_library.leaf_error().decode())


def set_threads(threads):
    """How many threads the network may use, in all models; 0 is one for each processor."""
    _check(_library.leaf_set_threads(threads))


class Model:
    """A trained model: the folder of a run, or a model.safetensors. `precision` is float32, bfloat16 or int8, or None for that of
    the training."""

    def __init__(self, path, precision=None):
        self._handle = _model()
        _check(_library.leaf_open(os.fsencode(path), precision and precision.encode(), ctypes.byref(self._handle)))
        count = _library.leaf_class_count(self._handle)
        self.classes = tuple(_library.leaf_class_name(self._handle, i).decode() for i in range(count))
        self.view_size = _library.leaf_view_size(self._handle)

    def __del__(self):
        if getattr(self, "_handle", None):
            _library.leaf_close(self._handle)
            self._handle = None

    def predict(self, faces):
        """The probabilities of aligned faces, uint8: [n, height, width, 3] (red, green, blue) or [n, height, width] (gray) ->
        float32 [n, C]. One face without the n gives [C]; [height, width, 3] is one face in color."""
        faces = numpy.asarray(faces)
        if faces.dtype != numpy.uint8:
            raise Error(f"faces are numbers of the type uint8 from 0 to 255, found {faces.dtype}")
        color = faces.ndim in (3, 4) and faces.shape[-1] == 3
        shape = faces.shape if color else faces.shape + (1,)
        if len(shape) not in (3, 4):
            raise Error(f"faces are [n, height, width, 3] or [n, height, width], found {list(faces.shape)}")
        batch = numpy.ascontiguousarray(faces.reshape(shape if len(shape) == 4 else (1,) + shape))
        result = numpy.empty((len(batch), len(self.classes)), numpy.float32)
        _check(_library.leaf_predict(self._handle, batch.ctypes.data, *batch.shape, result.ctypes.data_as(_floats)))
        return result if len(shape) == 4 else result[0]

    def predict_encoded(self, content):
        """The probabilities [C] of the aligned face in a picture's file, given as bytes: JPEG, PNG, BMP, TIFF, WebP, PPM, PGM."""
        result = numpy.empty(len(self.classes), numpy.float32)
        _check(_library.leaf_predict_encoded(self._handle, bytes(content), len(content), result.ctypes.data_as(_floats)))
        return result


class Finder:
    """What finds faces in photos. `weights` is the folder face-api that scripts/weights makes; None is OpenCV's cascade."""

    #: A face: its box in pixels, how far it leans (degrees clockwise), how sure the finder is.
    face = numpy.dtype([(name, numpy.float32) for name in ("left", "top", "width", "height", "angle", "score")])

    def __init__(self, weights=None):
        self._handle = _model()
        _check(_library.leaf_open_finder(weights and os.fsencode(weights), ctypes.byref(self._handle)))

    def __del__(self):
        if getattr(self, "_handle", None):
            _library.leaf_close_finder(self._handle)
            self._handle = None

    def find(self, photo, model=None, most=256):
        """The faces of a photo, uint8 [height, width, 3] or [height, width] (gray): an array of Finder.face [n], the largest
        first and at most `most`. With a model also their probabilities, float32 [n, C]."""
        photo = numpy.ascontiguousarray(photo)
        if photo.dtype != numpy.uint8 or photo.ndim not in (2, 3):
            raise Error(f"a photo is uint8 [height, width, 3] or [height, width], found {photo.dtype} {list(photo.shape)}")
        faces, found = numpy.empty(most, self.face), ctypes.c_int32()
        probabilities = numpy.empty((most, len(model.classes) if model else 0), numpy.float32)
        channels = photo.shape[2] if photo.ndim == 3 else 1
        _check(_library.leaf_find(self._handle, model and model._handle, photo.ctypes.data, *photo.shape[:2], channels, most,
                                  faces.ctypes.data, probabilities.ctypes.data_as(_floats), ctypes.byref(found)))
        n = min(most, found.value)
        return (faces[:n], probabilities[:n]) if model else faces[:n]
