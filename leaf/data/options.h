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
  std::string test_half = "report";  ///< the other half is for tuning
  double test_share = 0.2;
  std::string classes = "all";
  std::string votes = "majority";  ///< see judge()
  int64_t stored_size = 256;
  std::string split = "per_class";  ///< who chooses the labeled faces: see label_budget()
  double labels = 0;                ///< the budget: every label that a run sees, for whatever
  std::string split_file;
  int64_t split_seed = 5;  ///< 5 is the authors'
  double validation = 0;
  std::string validation_source;  ///< these labels are outside of the budget
  int64_t validation_faces = 0;
  bool train_on_validation = false;
  double tail = 1;
  double unlabeled_share = 1;
  std::string foreign;
  double foreign_share = 0.5;
  double wrong_labels = 0;
  std::string changed = "refused";
  std::string cache;
};

inline void describe(Options& options, DataOptions& data) {
  options.enter("data");
  options.add("source", data.source, "where the faces are: NAME:PATH, see `leaf datasets`");
  options.add("unlabeled", data.unlabeled, "a second source, used without its labels; empty = the unlabeled rest of `source`");
  options.add("test", data.test, "a second source to test on; empty = the test part of `source`");
  options.add("test_half", data.test_half,
              "without a test part, half of the validation part is tested on: one is to report on, the other to tune on",
              {"report", "tune"});
  options.add("test_share", data.test_share,
              "share of the faces with a label that is kept for testing when there is nothing else to test on; 0 = none", 0, 0.9);
  options.add("classes", data.classes, "all, or 7 to leave contempt out", {"all", "7"});
  options.add("votes", data.votes, "how FERPlus votes become labels",
              {"majority", "probability", "crossentropy", "multi_target"});
  options.add("stored_size", data.stored_size, "larger pictures are reduced to this shorter side when they are decoded, pixels",
              16, 4096);
  options.add("split", data.split, "how labeled faces are chosen: evenly, as they come (random), or by a rule of the papers",
              {"per_class", "random", "fraction", "authors", "ada_cm"});
  options.add("labels", data.labels,
              "every label that the run sees, to learn and to choose, or their share for split = fraction; 0 = every label", 0,
              1e9);
  options.add("split_file", data.split_file, "split.json of an earlier run, to be used again");
  options.add("split_seed", data.split_seed, "seed of the split", 0, 4294967295);
  options.add("validation", data.validation,
              "share of these labels that chooses the best epoch instead of being learned; a class with fewer than five loses "
              "none; 0 = the last moving average is the model",
              0, 0.9);
  options.add("validation_source", data.validation_source,
              "further labels to choose the best epoch by, outside of data.labels: a source, or part = the validation part of "
              "`source`, which else is not used; empty = none");
  options.add("validation_faces", data.validation_faces,
              "so many of them, at random; 0 = all; part takes them from the training faces where there is no such part", 0, 1e9);
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
  options.add("changed", data.changed,
              "faces or labels that are not those that a run began with, when it is continued or measured again",
              {"refused", "accepted"});
  options.add("cache", data.cache, "folder for decoded faces; empty = keep them in memory");
  options.leave();
}

}  // namespace leaf
