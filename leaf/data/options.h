#pragma once

#include <cstdint>
#include <string>

#include "leaf/base/options.h"

namespace leaf {

/// Which faces a run learns from, is chosen by and is tested on. What each option means is said once, in describe().
struct DataOptions {
  std::string source;  ///< "ferplus:DIR", "folder:DIR", "csv:FILE", "synthetic:6000", …
  std::string unlabeled;
  std::string test;
  std::string classes = "all";
  std::string votes = "majority";  ///< see judge()
  int64_t stored_size = 256;
  std::string split = "per_class";  ///< who chooses the labeled faces: see label_budget()
  double labels = 0;
  std::string split_file;
  int64_t split_seed = 5;  ///< 5 is the authors'
  double validation = 0.1;
  bool train_on_validation = false;
  double tail = 1;
  double unlabeled_share = 1;
  std::string foreign;
  double foreign_share = 0.5;
  double wrong_labels = 0;
  std::string cache;
};

inline void describe(Options& options, DataOptions& data) {
  options.enter("data");
  options.add("source", data.source, "where the faces are: NAME:PATH, see `leaf datasets`");
  options.add("unlabeled", data.unlabeled, "a second source, used without its labels; empty = the unlabeled rest of `source`");
  options.add("test", data.test, "a second source to test on; empty = the test part of `source`");
  options.add("classes", data.classes, "all, or 7 to leave contempt out", {"all", "7"});
  options.add("votes", data.votes, "how FERPlus votes become labels",
              {"majority", "probability", "crossentropy", "multi_target"});
  options.add("stored_size", data.stored_size, "larger pictures are reduced to this shorter side when they are decoded, pixels",
              16, 4096);
  options.add("split", data.split, "how labeled faces are chosen", {"per_class", "fraction", "authors", "ada_cm"});
  options.add("labels", data.labels, "labeled faces in all, or their share for split = fraction; 0 = every label", 0, 1e9);
  options.add("split_file", data.split_file, "split.json of an earlier run, to be used again");
  options.add("split_seed", data.split_seed, "seed of the split", 0, 4294967295);
  options.add("validation", data.validation,
              "share of the training faces with a label that is kept for choosing when the set has no validation part", 0, 0.9);
  options.add("train_on_validation", data.train_on_validation,
              "learn from the set's own validation part too, as the authors do on FERPlus");
  options.add("tail", data.tail,
              "makes a long tail: the rarest class keeps 1/this of its training faces, the others more, the most frequent "
              "all",
              1, 1e6);
  options.add("unlabeled_share", data.unlabeled_share, "share of the unlabeled faces that stays, at random", 0, 1);
  options.add("foreign", data.foreign, "a source whose faces replace unlabeled ones, to measure what that costs; empty = none");
  options.add("foreign_share", data.foreign_share, "share of the unlabeled faces that `foreign` replaces", 0, 1);
  options.add("wrong_labels", data.wrong_labels,
              "share of the labeled faces that learn a wrong label; validation and test stay right", 0, 0.9);
  options.add("cache", data.cache, "folder for decoded faces; empty = keep them in memory");
  options.leave();
}

}  // namespace leaf
