#include "leaf/data/options.h"

namespace leaf {

void describe(Options& options, DataOptions& data) {
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
              "makes a long tail: the rarest class keeps 1/this of its training faces, the others more, the most frequent all", 1,
              1e6);
  options.add("unlabeled_share", data.unlabeled_share, "share of the unlabeled faces that stays, at random", 0, 1);
  options.add("foreign", data.foreign, "a source whose faces replace unlabeled ones, to measure what that costs; empty = none");
  options.add("foreign_share", data.foreign_share, "share of the unlabeled faces that `foreign` replaces", 0, 1);
  options.add("wrong_labels", data.wrong_labels,
              "share of the labeled faces that learn a wrong label; validation and test stay right", 0, 0.9);
  options.add("cache", data.cache, "folder for decoded faces; empty = keep them in memory");
  options.leave();
}

void describe(Options& options, ViewOptions& views) {
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
  options.leave();
}

}  // namespace leaf
