#pragma once

#include <string>
#include <utility>
#include <vector>

#include "leaf/model/weights.h"

namespace leaf {

/// Weights from elsewhere, under the names of one of LEAF's backbones (torchvision's names, for a ResNet).
struct BackboneFit {
  std::string backbone, stem;  ///< an entry of backbones(); the stem is empty where there are not two
  std::string prefix;          ///< what was removed before the names: "encoder.", or nothing
  bool numbered = false;       ///< whether parts were named by number, as torch.nn.Sequential(*resnet.children()) does
  Tensors tensors;             ///< those that are used, under LEAF's names
  WeightsReport report;        ///< missing and used under LEAF's names, left over under the file's

  /// Whether these are weights of that backbone, in whole or in the better half of its tensors.
  bool fits() const { return report.used.size() > report.missing.size() + report.wrong_shape.size(); }
};

/// The backbone, of all or the named one, that can use most of the tensors and lacks fewest; weights of face-api are renamed
/// before (leaf/model/face_api.h), and are for one of its networks unless another backbone is named. Prefixes made of the usual
/// words (backbone, encoder, model, features, base_model, resnet, …) are removed when more names fit then. Makes networks, for
/// which it takes numbers from torch's generator. Throws UsageError for a name that is not registered.
BackboneFit fit_backbone(const Tensors& tensors, const std::string& backbone = "");

/// Why weights of a known architecture cannot be used although their names look like a ResNet's, or an empty text: InsightFace's
/// IResNet, networks with squeeze-and-excitation, deep stems, vision transformers, EfficientNet.
std::string foreign_architecture(const Tensors& tensors);

}  // namespace leaf
