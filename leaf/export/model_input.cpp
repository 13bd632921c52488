#include "leaf/export/model_input.h"

#include <fmt/format.h>

#include "leaf/views/normalize.h"

namespace leaf {
namespace {

/// What face_square() (leaf/faces/alignment.h) does, in words.
std::string alignment_of(const ViewOptions& views) {
  if (views.faces == "whole") return "none: each picture is a face as it is";
  return fmt::format(
      "by 68 landmarks: a square, turned so that the eyes lie level, not distorted, with a rim of {} widths of the face on each "
      "side; at 0 it shows what FER2013's pictures show",
      views.margin);
}

}  // namespace

Json model_input(const ModelFile& file) {
  return {{"size", file.views.size},
          {"mean", kPixelMean},
          {"deviation", kPixelDeviation},
          {"colors", "RGB"},
          {"scale", "bytes / 255, then (x - mean) / deviation for each color"},
          {"alignment", alignment_of(file.views)},
          {"resize",
           "one aligned face: the shorter side to size, bilinear with antialiasing as Pillow does it, then the central square"}};
}

}  // namespace leaf
