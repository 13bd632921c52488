#include "leaf/detection/package_weights.h"

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/backbone.h"
#include "leaf/model/face_api.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/model/weights.h"

namespace leaf {

void load_package_weights(torch::nn::Module& module, const std::filesystem::path& folder, const std::string& name) {
  const auto manifest = folder / (name + "-weights_manifest.json");
  if (!std::filesystem::exists(manifest))
    fail("{} is missing; scripts/weights fetches what finds faces in photos", printable(manifest.string()));
  const auto report = load_weights(module, named_as_in_torch(read_checkpoint(manifest).tensors));
  if (!report.complete()) fail("{} holds another network: {}", printable(manifest.string()), report.summary());
  order_channels_last(module);
  module.eval();
  for (auto& parameter : module.parameters()) parameter.set_requires_grad(false);
}

}  // namespace leaf
