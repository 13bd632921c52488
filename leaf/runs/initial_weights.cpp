#include "leaf/runs/initial_weights.h"

#include <algorithm>
#include <filesystem>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/backbone.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/runs/run_folder.h"

namespace leaf {
namespace {

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
  const auto all = Json::parse(options->second, nullptr, false);
  const auto model = all.is_object() ? all.value("model", Json()) : Json();
  const auto word = model.is_object() ? model.value(key, Json()) : Json();
  return word.is_string() ? word.get<std::string>() : "";
}

/// Counts of batches are no weights: averaged statistics do not need them, and many files lack them.
void forget_counts(std::vector<std::string>& names) {
  std::erase_if(names, [](const std::string& name) { return name.ends_with("num_batches_tracked"); });
}

}  // namespace

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
  InitialWeights weights{.fit = fit_backbone(checkpoint.tensors, backbone), .views_seen = 0, .source = {}};
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
  weights.source = fmt::format("{} ({:016x})", path.string(), hash_bytes(read_file(path)));
  if (const auto seen = checkpoint.metadata.find("views_seen"); seen != checkpoint.metadata.end()) {
    weights.views_seen = std::strtoll(seen->second.c_str(), nullptr, 10);
  }
  return weights;
}

Json to_json(const InitialWeights& weights) {
  const auto& fit = weights.fit;
  return {{"source", weights.source},       {"backbone", fit.backbone},          {"stem", fit.stem},
          {"used", fit.report.used.size()}, {"left_over", fit.report.left_over}, {"views_seen", weights.views_seen}};
}

std::string summary(const InitialWeights& weights) {
  const auto& fit = weights.fit;
  std::string text = fmt::format("the encoder begins with {}: {}{}, {} tensors", weights.source, fit.backbone,
                                 fit.stem.empty() ? "" : " with the stem " + fit.stem, fit.report.used.size());
  if (weights.views_seen > 0) text += fmt::format(", pretrained on {} views", weights.views_seen);
  if (!fit.report.left_over.empty())
    text += fmt::format("; {} tensors of other parts are not used ({}, …)", fit.report.left_over.size(),
                        printable(fit.report.left_over.front()));
  return text;
}

}  // namespace leaf
