#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "leaf/model/weights.h"

namespace leaf {

/// An encoder's weights, or any others, as a file of their own (docs/formats.md). With `backbone`, an entry of backbones(), the
/// tensors have its names; `stem` is empty where there are not two kinds of first layers.
struct WeightsFile {
  Tensors tensors;
  std::string backbone, stem;
  std::map<std::string, std::string> remarks;  ///< further metadata: where the weights come from
};

/// Writes it whole or not at all; throws Error.
void save_weights(const std::filesystem::path& path, const WeightsFile& file);

}  // namespace leaf
