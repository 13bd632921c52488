#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "leaf/pictures/image.h"
#include "leaf/recognize/model_file.h"

namespace leaf {

/// A trained model at work, in one thread at a time: faces in, probabilities of expressions out. What it needs to know of its
/// training (classes, view size, network) is in the file of the model.
class Recognizer {
 public:
  /// From the folder of a run or from a model.safetensors. `precision`: what the encoder computes in, float32, bfloat16 or int8
  /// (on the processor); "" is the precision of the training. Throws Error naming what is missing or damaged, UsageError for a
  /// precision that the device or the network cannot have.
  explicit Recognizer(const std::filesystem::path& path, torch::Device device = torch::kCPU, const std::string& precision = "");

  /// So many faces are recognized at once at a cost in memory that depends on no picture and no model, 1…64.
  int64_t at_once() const;
  /// A face as recognize() would see it, and no larger: kept in its place, it changes no result.
  Image shrunk(const Image& face) const;

  /// The calibrated probabilities of each face, [n, C] on the CPU; n = 0 is allowed. Each image is one aligned face of any size.
  torch::Tensor recognize(const std::vector<Image>& faces);

  const std::vector<std::string>& classes() const { return file_.classes; }
  const ViewOptions& views() const { return file_.views; }
  const std::optional<ModelCalibration>& calibration() const { return file_.calibration; }

 private:
  void prepare(const std::string& precision);

  ModelFile file_;
  torch::Device device_;
};

}  // namespace leaf
