#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "leaf/model/model.h"
#include "leaf/recognize/calibration.h"
#include "leaf/views/options.h"

namespace leaf {

/// A trained model with everything that its use needs. On disk: a safetensors file whose metadata holds the classes and the
/// options of network and views (docs/formats.md).
struct ModelFile {
  Model model{nullptr};
  ModelOptions options;
  ViewOptions views;
  std::vector<std::string> classes;
  int64_t views_seen = 0;                         ///< in training and whatever came before it; 0 = unknown
  std::optional<ModelCalibration> calibration{};  ///< where one was fitted

  double temperature() const { return calibration ? calibration->temperature : 1; }
  /// Of logits [n, C] of the model, with the temperature.
  torch::Tensor probabilities(const torch::Tensor& logits) const { return (logits / temperature()).softmax(1); }
};

/// Writes it whole or not at all; throws Error.
void save_model(const std::filesystem::path& path, const ModelFile& file);
/// Adds a calibration to the file of a model, whose other bytes stay; whole or not at all. Throws Error.
void save_calibration(const std::filesystem::path& path, const ModelCalibration& calibration);

/// The file that load_model() reads. Throws Error where there is none.
std::filesystem::path model_path(const std::filesystem::path& path);

/// The network's options in a model.safetensors or the folder of a run; nothing where that is no model of LEAF, or cannot be
/// read.
std::optional<ModelOptions> model_options(const std::filesystem::path& path);

/// From a model.safetensors or the folder of a finished run. Throws Error naming what is missing or damaged.
ModelFile load_model(const std::filesystem::path& path);

/// On the processor: lets a model that was trained in bfloat16 predict in float32 where there are no instructions for bfloat16,
/// which would take thirty times as long. Whether it did.
bool avoid_slow_precision(ModelFile& file);

}  // namespace leaf
