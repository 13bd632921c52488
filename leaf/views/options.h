#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// How faces become views (docs/paper.md, Training). What each option means is said once, in describe().
struct ViewOptions {
  int64_t size = 224;
  int64_t padding = 8;
  double crop = 0.5, flip = 0.5;
  int64_t operations = 3;
  std::string exclude;  ///< names, separated by commas
  bool cutout = true;
  std::string labeled = "weak";  ///< weak, as in the papers; strong where few labels are learned by heart
  double strong_crop = 1;        ///< SimCLR's crop (Chen et al., ICML 2020)
  int64_t workers = 2;
  std::string faces = "whole";  ///< whole: each picture is a face as it is; found: faces are found in photos and aligned
  double margin = 0;            ///< of face_square() (leaf/faces/alignment.h)
};

inline void describe(Options& options, ViewOptions& views) {
  options.enter("views");
  options.add("size", views.size, "height and width of a view, pixels", 16, 1024);
  options.add("padding", views.padding, "zero padding before the random crop, pixels", 0, 256);
  options.add("crop", views.crop, "probability of the random crop", 0, 1);
  options.add("flip", views.flip, "probability of the horizontal flip", 0, 1);
  options.add("operations", views.operations, "RandAugment operations in a strong view", 0, 14);
  options.add("exclude", views.exclude, "RandAugment operations that are never drawn, a list of names: Solarize,Posterize");
  options.add("cutout", views.cutout, "a strong view ends with a cutout");
  options.add("labeled", views.labeled, "view of a labeled face that is learned", {"weak", "strong"});
  options.add("strong_crop", views.strong_crop,
              "smallest share of the area that a strong view shows, enlarged, in place of its random crop; 1 = off", 0.05, 1);
  options.add("workers", views.workers, "threads that make views; no result depends on it", 0, 256);
  options.add("faces", views.faces, "whole: each picture is a face as it is; found: faces of photos, aligned by their eyes",
              {"whole", "found"});
  options.add("margin", views.margin, "of faces that are found, the rim on each side, in widths of the face; FER2013's have 0",
              -0.2, 1);
  options.leave();
}

}  // namespace leaf
