#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "leaf/pictures/image.h"
#include "leaf/recognize/model_file.h"

namespace leaf {

/// The experts of one level that a face went through.
struct UsedExperts {
  std::string level;                                ///< "semantic" or "instance"
  std::vector<std::pair<int64_t, double>> experts;  ///< number from 0 and value of the gate, above 0, the largest first
};

/// Why a model says what it says of a face.
struct Explanation {
  Image view;                         ///< the face as the network sees it, a square
  std::vector<double> probabilities;  ///< [C], calibrated where the model is
  int64_t predicted = 0;              ///< the likeliest class
  torch::Tensor heat;  ///< [h, w] of 0…1, Grad-CAM: where the encoder's map speaks for the class; all 0 where nowhere
  std::vector<UsedExperts> levels;  ///< those that the network has
};

/// Explains a model in float32, by libtorch's layers, whatever it was trained in.
class Explainer {
 public:
  /// From the folder of a run or a model.safetensors. Throws Error naming what is missing or damaged.
  explicit Explainer(const std::filesystem::path& path);

  /// `face`: one aligned face of any size.
  Explanation explain(const Image& face);
  const std::vector<std::string>& classes() const { return file_.classes; }

 private:
  ModelFile file_;
};

/// Grad-CAM (Selvaraju et al., ICCV 2017) of a class: the positive part of the map [D, h, w], each channel weighed by the mean of
/// the `gradient` [D, h, w] of the class's logit, and divided by its largest value. [h, w].
torch::Tensor grad_cam(const torch::Tensor& map, const torch::Tensor& gradient);

/// The face, the heat over it, the probabilities as bars, and the experts below.
Image explanation_picture(const Explanation& explanation, const std::vector<std::string>& classes);

}  // namespace leaf
