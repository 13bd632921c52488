#include "leaf/runs/initial_weights.h"

#include <algorithm>
#include <filesystem>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/backbone.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/runs/run_folder.h"
#include "leaf/ssl/class_shares.h"

namespace leaf {
namespace {

constexpr int64_t kFewestKnown = 2;  ///< classes of a run that a classifier must know to be kept

std::filesystem::path file_of(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) fail("cannot read the weights {}: there is no such file or run", path.string());
  if (!std::filesystem::is_directory(path)) return path;
  const RunFolder run{path};
  if (std::filesystem::exists(run.model())) return run.model();
  if (std::filesystem::exists(run.config()))
    fail("{} has no weights yet: the run did not get through its first epoch; continue it with --resume", path.string());
  fail("{} is not the folder of a run; give a run or a file of weights", path.string());
}

/// A word of the metadata, also of the options that a model of LEAF keeps; "" when it is not there.
std::string metadata(const Checkpoint& checkpoint, const std::string& key) {
  const auto found = checkpoint.metadata.find(key);
  if (found != checkpoint.metadata.end()) return found->second;
  const auto options = checkpoint.metadata.find("options");
  if (options == checkpoint.metadata.end()) return "";
  const auto all = parse_json(options->second);
  const auto model = all.is_object() ? all.value("model", Json()) : Json();
  const auto word = model.is_object() ? model.value(key, Json()) : Json();
  return word.is_string() ? word.get<std::string>() : "";
}

/// Counts of batches are no weights: averaged statistics do not need them, and many files lack them.
void forget_counts(std::vector<std::string>& names) {
  std::erase_if(names, [](const std::string& name) { return name.ends_with("num_batches_tracked"); });
}

/// Why a level of `to` cannot begin as one of `from`, or "". `zeroed` says that it begins by changing nothing.
std::string level_obstacle(const std::string& name, const AggregationOptions& from, const AggregationOptions& to, bool& zeroed) {
  const auto text = [](AggregationOptions level) {
    Options options;
    describe(options, "level", level);
    return options.to_json().dump();
  };
  zeroed = !from.enabled && to.enabled;
  if (zeroed && (to.expert != "residual" || to.fusion != "weighted_sum" || to.gate_value != "kept"))
    return fmt::format("the {} level cannot begin by changing nothing", name);
  if (from.enabled && !to.enabled) return fmt::format("it has a {} level", name);
  return from.enabled && text(from) != text(to) ? fmt::format("its {} level is another one", name) : "";
}

/// Copies the parameters under a name, whatever their number.
void copy_part(const Tensors& from, Tensors& to, const std::string& prefix) {
  for (auto& [name, tensor] : to) {
    if (name.starts_with(prefix)) tensor.copy_(from.at(name));
  }
}

void zero_part(Tensors& tensors, const std::string& prefix) {
  for (auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) tensor.zero_();
  }
}

}  // namespace

std::string keep_classifier(const ModelFile& from, const std::vector<std::string>& classes, const ModelOptions& options,
                            Model& model) {
  const auto& theirs = from.options;
  const auto places = places_of(classes, from.classes);
  const auto unknown = std::count(places.begin(), places.end(), -1);
  if (static_cast<int64_t>(places.size()) - unknown < kFewestKnown)
    return fmt::format("it knows {} of the classes", places.size() - unknown);
  bool new_semantic = false, new_instance = false;
  for (const auto& obstacle : {level_obstacle("semantic", theirs.semantic, options.semantic, new_semantic),
                               level_obstacle("instance", theirs.instance, options.instance, new_instance)}) {
    if (!obstacle.empty()) return obstacle;
  }
  if (theirs.unit_length != options.unit_length) return "its features are scaled in another way";
  if (theirs.learn_scale != options.learn_scale || (!theirs.learn_scale && theirs.scale != options.scale))
    return "its features have another scale";
  if (theirs.instance.enabled && (from.classes != classes || theirs.instance_on != options.instance_on))
    return "its instance level is for other classes";

  const torch::NoGradGuard no_gradient;
  const auto old = collect(*from.model);
  auto own = collect(*model);
  for (const auto& [level, is_new] : {std::pair("head.semantic.", new_semantic), {"head.instance.", new_instance}}) {
    is_new ? zero_part(own, level + std::string("experts.widen.")) : copy_part(old, own, level);
  }
  if (options.learn_scale) copy_part(old, own, "head.scale");
  const auto known = torch::tensor(places) >= 0;  // a class that is not begins with logits of 0
  const auto rows = torch::tensor(places).clamp_min(0);
  own.at("head.classifier.weight").copy_(old.at("head.classifier.weight").index_select(0, rows) * known.unsqueeze(1));
  auto bias = old.at("head.classifier.bias");
  if (from.model->shift().defined()) bias = bias + from.model->shift();
  bias = bias.index_select(0, rows) * known;
  if (model->shift().defined()) bias = bias - model->shift().to(bias.device());
  own.at("head.classifier.bias").copy_(bias);
  return "";
}

double calibrate_classifier(const torch::Tensor& logits, const torch::Tensor& labels, Model& model) {
  const torch::NoGradGuard no_gradient;
  const auto calibration = calibrate(logits, labels);
  auto own = collect(*model);
  auto& bias = own.at("head.classifier.bias");
  own.at("head.classifier.weight").div_(calibration.temperature);
  bias.copy_(calibration.apply(bias.to(calibration.bias.device())));
  return calibration.temperature;
}

InitialWeights read_initial_weights(const Config& config) {
  const auto& model = config.model;
  const auto path = file_of(model.weights);
  const auto checkpoint = read_checkpoint(path);
  if (const auto foreign = foreign_architecture(checkpoint.tensors); !foreign.empty()) {
    fail("{} has the weights of {}; begin with weights of a torchvision or timm ResNet", path.string(), foreign);
  }
  const bool chosen = config.given.contains("model.backbone");
  const auto named = metadata(checkpoint, "backbone");
  const auto backbone = chosen ? model.backbone : backbones().contains(named) ? named : "";
  InitialWeights weights{.fit = fit_backbone(checkpoint.tensors, backbone), .model = {}, .views_seen = 0, .source = {}};
  if (checkpoint.metadata.contains("leaf_model")) weights.model = load_model(path);
  auto& fit = weights.fit;
  forget_counts(fit.report.missing);
  if (!fit.report.missing.empty() || !fit.report.wrong_shape.empty()) {
    fail("{} does not fill the encoder {}: {}{}", path.string(), fit.backbone, fit.report.summary(),
         chosen ? "; leave --backbone out to take the one that the weights are of" : "");
  }
  const bool other_stem = !fit.stem.empty() && config.given.contains("model.stem") && model.stem != fit.stem;
  if (other_stem)
    fail("{} has the first layers \"{}\", but model.stem is {}; leave it out or set it to {}", path.string(), fit.stem,
         model.stem, fit.stem);
  weights.source =
      fmt::format("{} ({:016x})", std::filesystem::path(model.weights).filename().string(), hash_bytes(read_file(path)));
  if (const auto seen = checkpoint.metadata.find("views_seen"); seen != checkpoint.metadata.end()) {
    weights.views_seen = std::strtoll(seen->second.c_str(), nullptr, 10);
  }
  return weights;
}

Json to_json(const InitialWeights& weights) {
  const auto& fit = weights.fit;
  Json kept = {{"source", weights.source},        {"backbone", fit.backbone},          {"stem", fit.stem},
               {"used", fit.report.used.size()},  {"left_over", fit.report.left_over}, {"views_seen", weights.views_seen},
               {"classifier", weights.classifier}};
  if (weights.test) kept["test"] = {{"accuracy", weights.test->accuracy}, {"balanced_accuracy", weights.test->balanced_accuracy}};
  return kept;
}

std::string summary(const InitialWeights& weights) {
  const auto& fit = weights.fit;
  std::string text = fmt::format("the encoder begins with {}: {}{}, {} tensors", weights.source, fit.backbone,
                                 fit.stem.empty() ? "" : " with the stem " + fit.stem, fit.report.used.size());
  if (weights.views_seen > 0) text += fmt::format(", pretrained on {} views", weights.views_seen);
  if (!weights.classifier.empty()) text += "; the classifier is " + weights.classifier;
  if (weights.test)
    text += fmt::format("; before training it has {:.1f} % of the test faces right, balanced {:.1f} %",
                        100 * weights.test->accuracy, 100 * weights.test->balanced_accuracy);
  if (!weights.classifier.empty()) return text;
  if (!fit.report.left_over.empty())
    text += fmt::format("; {} tensors of other parts are not used ({}, …)", fit.report.left_over.size(),
                        printable(fit.report.left_over.front()));
  return text;
}

}  // namespace leaf
