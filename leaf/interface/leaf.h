/* LEAF as a library: a trained model at work in another program. Plain C, so that every language can call it; nothing of libtorch
 * or OpenCV is seen here. docs/embedding.md has examples in C++ and Python.
 *
 *     leaf_model* model = NULL;
 *     if (leaf_open("runs/mine", NULL, &model) != LEAF_OK) puts(leaf_error());
 *     leaf_predict_encoded(model, bytes, size, probabilities);
 *     leaf_close(model);
 *
 * What a function promises of memory: what it is given stays the caller's, what it returns stays the library's. Several threads
 * may use one model at once; their pictures are prepared side by side, and the network, which uses all processors by itself, is
 * passed one after the other.
 */
#ifndef LEAF_H
#define LEAF_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LEAF_API __attribute__((visibility("default")))
#else
#define LEAF_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when a program that was compiled with an older header would no longer work. */
#define LEAF_INTERFACE 1

/* How a call ended; those that fail leave what they would have written as it was. */
typedef int32_t leaf_status;
enum {
  LEAF_OK = 0,
  LEAF_FAILED = 1,  /* something in the world: a missing or damaged file, a picture that is none, no memory */
  LEAF_MISUSED = 2, /* a value that cannot be meant: no such precision, a null pointer, a size below 1 */
  LEAF_INTERNAL = 3 /* an error of LEAF's own, please report it */
};

/* A trained model. */
typedef struct leaf_model leaf_model;

/* The version of the library, "0.1.0". */
LEAF_API const char* leaf_version(void);

/* What went wrong in the last call of this thread that failed, one line of UTF-8; "" before any has. It stands until the thread's
 * next call that fails. */
LEAF_API const char* leaf_error(void);

/* How many threads the network may use, in all models of the process; 0, as at the start, is one for each processor. */
LEAF_API leaf_status leaf_set_threads(int32_t threads);

/* Opens the folder of a run, or a model.safetensors. `precision` is what the network computes in, "float32", "bfloat16" or
 * "int8"; NULL is that of its training. */
LEAF_API leaf_status leaf_open(const char* path, const char* precision, leaf_model** model);

/* Ends a model that no thread uses any more. NULL is allowed. */
LEAF_API void leaf_close(leaf_model* model);

/* The classes: C of them, each with a name, in the order of the probabilities; NULL beyond the last. */
LEAF_API int32_t leaf_class_count(const leaf_model* model);
LEAF_API const char* leaf_class_name(const leaf_model* model, int32_t index);

/* Height and width to which a face is resized, pixels. */
LEAF_API int32_t leaf_view_size(const leaf_model* model);

/* The probabilities of `count` pictures of one aligned face each, all of one size: `probabilities` gets [count, C]. `pixels` is
 * [count, height, width, channels], row after row without gaps; 1 channel is gray, 3 are red, green, blue. No picture is a valid
 * number of them. */
LEAF_API leaf_status leaf_predict(leaf_model* model, const uint8_t* pixels, int64_t count, int64_t height, int64_t width,
                                  int64_t channels, float* probabilities);

/* The same of one picture as a file holds it (JPEG, PNG, BMP, TIFF, WebP, PPM, PGM), `size` bytes; `probabilities` gets [C]. */
LEAF_API leaf_status leaf_predict_encoded(leaf_model* model, const void* bytes, size_t size, float* probabilities);

/* What finds faces in photos. */
typedef struct leaf_finder leaf_finder;

/* A face in a photo: its box in pixels, which may reach beyond the photo; how far it leans, degrees clockwise; how sure the
 * finder is, 0 to 1. */
typedef struct leaf_face {
  float left, top, width, height, angle, score;
} leaf_face;

/* Opens a finder. `weights` is the folder face-api that scripts/weights makes; NULL is OpenCV's cascade, for upright faces seen
 * from the front, which are not aligned. */
LEAF_API leaf_status leaf_open_finder(const char* weights, leaf_finder** finder);

/* Ends a finder that no thread uses any more. NULL is allowed. */
LEAF_API void leaf_close_finder(leaf_finder* finder);

/* The faces of one picture, the largest first. `found` gets their number, `faces` the first `most` of them. With a model
 * `probabilities` gets [most, C] numbers, of as many faces as there are; `model` and `probabilities` may both be NULL. `pixels`
 * is [height, width, channels] as for leaf_predict. */
LEAF_API leaf_status leaf_find(leaf_finder* finder, leaf_model* model, const uint8_t* pixels, int64_t height, int64_t width,
                               int64_t channels, int32_t most, leaf_face* faces, float* probabilities, int32_t* found);

#ifdef __cplusplus
}
#endif

#endif
