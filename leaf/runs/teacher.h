#pragma once

#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "leaf/base/options.h"
#include "leaf/data/dataset.h"
#include "leaf/recognize/model_file.h"
#include "leaf/train/observer.h"

namespace leaf {

/// A model of expressions that somebody else trained, asked about the faces of a run. Its classes are matched with the run's by
/// name: what it says of others is left out, and those that it does not know have their share among the run's labels.
class Teacher {
 public:
  /// A model of LEAF or the folder of a run, for a run with these classes, whose labels have the shares `labeled` [C]. What it
  /// says is kept in the folder `cache`, for other runs on the same faces; "" = nowhere. It is asked on
  /// `device`. Throws Error where load_model does, and
  /// when fewer than two classes have the same name.
  Teacher(const std::string& path, const std::vector<std::string>& classes, const std::vector<double>& labeled,
          std::string cache = "", torch::Device device = torch::kCPU);

  /// log p [n, C] of each face, the mean probability of the face and its mirror image, not calibrated. `what` is shown.
  torch::Tensor judge(const Pool& faces, const std::string& what, Observer& observer);

  /// The file and a hash of its bytes.
  const std::string& source() const { return source_; }
  /// Classes of the run that it does not know.
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  torch::Tensor in_our_classes(const torch::Tensor& probabilities) const;
  torch::Tensor probabilities(const Pool& faces);  // [n, its own classes]
  /// Where its word about the faces of a data set is kept: a file that is named by both.
  std::filesystem::path memory_of(const Dataset& dataset);

  ModelFile file_;
  torch::Device device_;
  std::string source_, cache_;
  uint64_t hash_ = 0;            ///< of its file
  std::vector<int64_t> places_;  ///< of each class of the run among the teacher's, −1 for none
  std::vector<double> labeled_;
  std::vector<std::string> unknown_;
  std::map<const Dataset*, std::filesystem::path> memories_;  ///< found so far: the name takes a look at every pixel
};

}  // namespace leaf
