"""Times OpenCV's dnn: opencv.py SIZE BATCHES ONE.onnx BATCH.onnx. Prints one line of JSON with the fields of `leaf bench --prediction`."""
import json
import os
import sys
import time

import cv2
import numpy

WARMUP = 3
size, batches, one, batch = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
cv2.setNumThreads(len(os.sched_getaffinity(0)))


def seconds(path, faces, repeats):
    network, times = cv2.dnn.readNetFromONNX(path), []
    views = numpy.random.default_rng(0).random((faces, 3, size, size), dtype=numpy.float32)
    for _ in range(WARMUP + repeats):
        start = time.perf_counter()
        network.setInput(views)
        network.forward()
        times.append(time.perf_counter() - start)
    return times[WARMUP:]


single = 1000 * numpy.array(seconds(one, 1, 10 * batches))
print(json.dumps({
    "faces_per_second": 64 / float(numpy.median(seconds(batch, 64, batches))), "latency_ms_p50": float(numpy.percentile(single, 50)),
    "latency_ms_p99": float(numpy.percentile(single, 99)), "version": cv2.__version__,
}))
