#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// Which faces a run learns from, is chosen by and is tested on.
struct DataOptions {
  std::string source;               ///< "ferplus:DIR", "folder:DIR", "csv:FILE", "synthetic:6000", …
  std::string unlabeled;            ///< a second source whose faces are all used without labels; "" = the rest of `source`
  std::string test;                 ///< a second source to test on; "" = the test part of `source`
  std::string classes = "all";      ///< "7" leaves contempt out of an eight-class set
  std::string votes = "majority";   ///< FERPlus: majority, probability, crossentropy or multi_target
  int64_t stored_size = 256;        ///< pictures with a longer shorter side are reduced to it before they are kept
  std::string split = "per_class";  ///< who chooses the labelled faces: per_class, fraction, authors or ada_cm
  double labels = 0;                ///< labelled faces in all (per_class, authors, ada_cm) or their share (fraction); 0 = all
  std::string split_file;           ///< a split.json of an earlier run; overrides `split` and `labels`
  int64_t split_seed = 5;           ///< 5 is the authors'
  double validation = 0.1;  ///< share of the training faces with a label kept for choosing where a set has no validation part
  bool train_on_validation = false;  ///< also learn from the set's own validation part, as the authors do on FERPlus
  double tail =
      1;  ///< ratio between the shares of its training faces that the most and the least frequent class keep; 1 = all stay
  double unlabeled_share = 1;  ///< share of the unlabeled faces that stays
  std::string foreign;  ///< a source whose faces replace unlabeled ones: another set, pictures of something else; "" = none
  double foreign_share = 0.5;  ///< share of the unlabeled faces that they replace
  double wrong_labels = 0;     ///< share of the labeled faces that learn a wrong label
  std::string cache;           ///< folder for decoded faces; "" = in memory
};
void describe(Options& options, DataOptions& data);

/// How faces become views (paper, section 4; spec, section 3).
struct ViewOptions {
  int64_t size = 224;             ///< height and width of a view in pixels
  int64_t padding = 8;            ///< zero padding before the random crop, pixels
  double crop = 0.5, flip = 0.5;  ///< probabilities
  int64_t operations = 3;         ///< RandAugment operations in a strong view
  std::string exclude;            ///< RandAugment operations that are never drawn, by name: "Solarize,Posterize"
  bool cutout = true;
  std::string labeled =
      "weak";  ///< view of a labeled face that is learned: weak (the papers) or strong, where few labels are learned by heart
  double strong_crop = 1;  ///< smallest share of the area that a strong view shows, enlarged (SimCLR's crop); 1 = off
  int64_t workers = 2;     ///< threads that make views; no result depends on it
};
void describe(Options& options, ViewOptions& views);

}  // namespace leaf
