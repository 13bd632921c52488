#include "leaf/model/naming.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "leaf/base/text.h"
#include "leaf/model/backbone.h"
#include "leaf/model/face_api.h"

namespace leaf {
namespace {

const std::set<std::string, std::less<>> kPrefixWords = {
    "average",   "backbone",          "base",     "base_encoder", "base_model", "cnn", "encoder", "encoder_q",
    "extractor", "feature_extractor", "features", "model",        "module",     "net", "network", "online_network",
    "resnet",    "student",           "teacher",  "trunk"};

/// The children of torchvision's ResNet by their numbers; 2, 3 and 8 have no weights, 9 is `fc`.
const std::pair<std::string_view, std::string_view> kChildren[] = {{"0.", "conv1."},  {"1.", "bn1."},    {"4.", "layer1."},
                                                                   {"5.", "layer2."}, {"6.", "layer3."}, {"7.", "layer4."}};

/// One way to read a file's names.
struct Naming {
  std::string prefix;
  bool numbered = false;

  /// LEAF's name for a file's, or nothing when it lacks the prefix.
  std::optional<std::string> translate(std::string_view name) const {
    if (!name.starts_with(prefix)) return std::nullopt;
    name.remove_prefix(prefix.size());
    for (const auto& [number, word] : kChildren) {
      if (numbered && name.starts_with(number)) return std::string(word) + std::string(name.substr(number.size()));
    }
    return numbered ? std::nullopt : std::optional<std::string>(name);
  }
};

bool is_prefix(std::string_view text) {
  const auto words = split_words(text, '.');  // "a.b." has a last word that is empty
  return text.empty() ||
         std::all_of(words.begin(), words.end() - 1, [](const auto& word) { return kPrefixWords.contains(word); });
}

/// Every way that takes words off the front, and that which makes some name the first convolution's by number; a file has one to
/// three of them, and one that has more than a few was made to take time.
std::vector<Naming> namings(const Tensors& tensors) {
  constexpr size_t kMost = 32;
  std::vector<Naming> result = {{}};
  const auto add = [&](const Naming& way) {
    const bool known = std::any_of(result.begin(), result.end(), [&](const Naming& other) {
      return other.prefix == way.prefix && other.numbered == way.numbered;
    });
    if (!known && result.size() < kMost) result.push_back(way);
  };
  for (const auto& [name, tensor] : tensors) {
    for (size_t dot = name.find('.'); dot != std::string::npos && is_prefix(name.substr(0, dot + 1));
         dot = name.find('.', dot + 1))
      add({name.substr(0, dot + 1), false});
    constexpr std::string_view kFirst = "0.weight";
    if (!name.ends_with(kFirst)) continue;
    const auto prefix = name.substr(0, name.size() - kFirst.size());
    if (is_prefix(prefix) && (prefix.empty() || prefix.back() == '.')) add({prefix, true});
  }
  return result;
}

size_t count_fitting(const Tensors& tensors, const Tensors& targets, const Naming& naming) {
  size_t count = 0;
  for (const auto& [name, tensor] : tensors) {
    const auto translated = naming.translate(name);
    const auto target = translated ? targets.find(*translated) : targets.end();
    count += target != targets.end() && target->second.sizes() == tensor.sizes() ? 1 : 0;
  }
  return count;
}

/// What the network makes of the tensors when their names are read in that way.
BackboneFit load(const Tensors& tensors, Backbone& network, const Naming& naming) {
  BackboneFit fit{.backbone = {}, .stem = {}, .prefix = naming.prefix, .numbered = naming.numbered, .tensors = {}, .report = {}};
  Tensors renamed;
  std::map<std::string, std::string> original;
  std::vector<std::string> unnamed;
  for (const auto& [name, tensor] : tensors) {
    if (const auto translated = naming.translate(name)) {
      renamed[*translated] = tensor;
      original[*translated] = name;
    } else {
      unnamed.push_back(name);
    }
  }
  fit.report = load_weights(network, renamed);
  for (const auto& name : fit.report.used) fit.tensors[name] = renamed.at(name);
  for (auto& name : fit.report.left_over) name = original.at(name);
  fit.report.left_over.insert(fit.report.left_over.end(), unnamed.begin(), unnamed.end());
  std::sort(fit.report.left_over.begin(), fit.report.left_over.end());
  return fit;
}

}  // namespace

BackboneFit fit_backbone(const Tensors& given, const std::string& asked) {
  const auto tensors = named_as_in_torch(given);
  const auto backbone = asked.empty() ? usual_backbone(given) : asked;
  const auto ways = namings(tensors);
  std::optional<BackboneFit> best;
  int64_t best_score = 0;
  for (const auto& name : backbone.empty() ? backbones().names() : std::vector<std::string>{backbone}) {
    const auto& entry = backbones().at(name);
    for (const std::string stem : {"imagenet", "small"}) {
      if (stem == "small" && !entry.has_stems) continue;
      const auto network = entry.make(stem);
      const auto targets = collect(*network);
      for (const auto& way : ways) {
        const auto fitting = static_cast<int64_t>(count_fitting(tensors, targets, way));
        const auto score = 2 * fitting - static_cast<int64_t>(targets.size());  // used less not used
        if (best && score <= best_score) continue;
        best = load(tensors, *network, way);
        best->backbone = name;
        best->stem = entry.has_stems ? stem : "";
        best_score = score;
      }
    }
  }
  return std::move(*best);
}

std::string foreign_architecture(const Tensors& tensors) {
  const auto any = [&](auto condition) {
    return std::any_of(tensors.begin(), tensors.end(), [&](const auto& entry) { return condition(entry.first); });
  };
  const auto has = [&](std::string_view part) {
    return any([&](const std::string& name) { return name.find(part) != std::string::npos; });
  };
  const bool prelu = any([](const std::string& name) { return name.ends_with("prelu.weight"); });
  if (prelu && has("layer1.0.bn1.")) {
    return "an IResNet (InsightFace, ArcFace): PReLU, and a normalization before each first convolution, where a ResNet has "
           "neither";
  }
  if (has("body.0.res_layer.")) return "an IR or IR-SE network (ArcFace in PyTorch): its blocks are not a ResNet's";
  if (has(".se.") || has(".se_module.")) return "a network with squeeze-and-excitation, which LEAF's backbones lack";
  if (has("layer1.0.") && any([](const std::string& name) { return name.ends_with("conv1.0.weight"); })) {
    return "a ResNet whose first layer is three convolutions (ResNet-C, ResNet-D), which LEAF's backbones lack";
  }
  if (has("patch_embed.")) return "a vision transformer";
  if (has("conv_stem.")) return "an EfficientNet or MobileNet";
  return "";
}

}  // namespace leaf
