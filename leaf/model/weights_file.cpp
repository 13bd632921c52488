#include "leaf/model/weights_file.h"

#include "leaf/model/formats/safetensors.h"

namespace leaf {

void save_weights(const std::filesystem::path& path, const WeightsFile& file) {
  TensorFile output{.tensors = file.tensors, .metadata = file.remarks};
  output.metadata["format"] = "pt";
  output.metadata["leaf_weights"] = "1";
  if (!file.backbone.empty()) output.metadata["backbone"] = file.backbone;
  if (!file.stem.empty()) output.metadata["stem"] = file.stem;
  write_safetensors(path, output);
}

}  // namespace leaf
