#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "app/tensor/commands.h"
#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/options.h"
#include "leaf/base/text.h"
#include "leaf/model/face_api.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/model/naming.h"
#include "leaf/model/weights_file.h"
#include "leaf/recognize/model_file.h"

namespace leaf::app {
namespace {

/// Throws Error unless the tensors are weights of one of LEAF's backbones.
BackboneFit fitting(const Checkpoint& checkpoint, const ImportArguments& arguments) {
  const auto foreign = foreign_architecture(checkpoint.tensors);
  if (!foreign.empty()) {
    fail("{} has the weights of {}; train with weights of a torchvision or timm ResNet, or write them as they are with --any",
         arguments.file, foreign);
  }
  auto fit = fit_backbone(checkpoint.tensors, arguments.backbone);
  if (fit.fits()) return fit;
  fail("{} fits {}: {} comes nearest, {}; `leaf inspect` lists the tensors, --any writes them as they are", arguments.file,
       arguments.backbone.empty() ? "no backbone" : "not", fit.backbone, fit.report.summary());
}

/// face-api's expression network as a model of LEAF, where the file has its classifier too: nothing is left to train, and `fit`
/// then counts the classifier among what is used.
std::optional<ModelFile> whole_model(const Checkpoint& checkpoint, BackboneFit& fit) {
  const std::vector<std::string> classes = {"neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"};
  const auto count = static_cast<int64_t>(classes.size());
  const auto tensors = named_as_in_torch(checkpoint.tensors);
  const auto weight = tensors.find("fc.weight"), bias = tensors.find("fc.bias");
  const bool whole = fit.backbone == "face_expression" && fit.report.missing.empty() && weight != tensors.end() &&
                     bias != tensors.end() && weight->second.sizes() == torch::IntArrayRef({count, 256}) &&
                     bias->second.sizes() == torch::IntArrayRef({count});
  if (!whole) return std::nullopt;
  ModelFile file;
  file.classes = classes;
  file.options.backbone = fit.backbone;
  file.options.dropout = 0;
  file.options.semantic.enabled = file.options.instance.enabled = file.options.unit_length = false;
  file.views.size = 112;
  file.views.faces = "found";
  file.model = make_model(file.options, count, file.views.size);
  Tensors all = {{"head.classifier.weight", weight->second}, {"head.classifier.bias", bias->second}};
  for (const auto& name : {"fc.bias", "fc.weight"}) {
    std::erase(fit.report.left_over, name);
    fit.report.used.emplace_back(name);
  }
  for (const auto& [name, tensor] : fit.tensors) all["backbone." + name] = tensor;
  const auto report = load_weights(*file.model, all);
  TORCH_CHECK(report.complete(), report.summary());
  return file;
}

std::string listed(const char* title, const std::vector<std::string>& names) {
  std::string text = fmt::format("{}: {}\n", title, names.size());
  for (const auto& name : names) text += fmt::format("  {}\n", printable(name));
  return text;
}

/// Everything that stood before the names of the tensors that are used.
std::vector<std::string> taken_off(const Checkpoint& checkpoint, const std::optional<BackboneFit>& fit) {
  std::vector<std::string> words;
  for (const auto& wrapper : checkpoint.wrappers) words.push_back(fmt::format("the dict \"{}\"", printable(wrapper)));
  if (!checkpoint.prefix.empty()) words.push_back(fmt::format("the prefix \"{}\"", checkpoint.prefix));
  if (fit && !fit->prefix.empty()) words.push_back(fmt::format("the prefix \"{}\"", fit->prefix));
  if (fit && fit->numbered) words.push_back("numbers of parts, for which their names were put");
  return words;
}

std::string as_text(const Checkpoint& checkpoint, const std::optional<BackboneFit>& fit, const std::optional<ModelFile>& model,
                    const ImportArguments& arguments) {
  auto text = fmt::format("{}: {}, {} tensors\n", arguments.file, checkpoint.kind, checkpoint.tensors.size());
  const auto off = taken_off(checkpoint, fit);
  text += fmt::format("taken off: {}\n", off.empty() ? "nothing" : join(off));
  text += fmt::format("not among the tensors:{}\n", checkpoint.others.empty() ? " nothing" : "");
  for (const auto& [name, what] : checkpoint.others) text += fmt::format("  {}: {}\n", printable(name), what);
  if (fit) {
    text += fmt::format("fits: {}{}\n", fit->backbone, fit->stem.empty() ? "" : " with --set model.stem=" + fit->stem);
    text += listed("used", fit->report.used) + listed("missing", fit->report.missing) +
            listed("left over", fit->report.left_over) + listed("of the wrong shape", fit->report.wrong_shape);
  } else {
    text += "fits: not asked (--any), every tensor is written\n";
  }
  if (model) {
    text += fmt::format("a whole model, for leaf eval and leaf predict: views of {} pixels, {}\n", model->views.size,
                        join(model->classes));
  }
  return text + fmt::format("written: {} ({})\n", arguments.output, human_bytes(std::filesystem::file_size(arguments.output)));
}

std::string as_json(const Checkpoint& checkpoint, const std::optional<BackboneFit>& fit, const std::optional<ModelFile>& model,
                    const ImportArguments& arguments) {
  Json others = Json::object();
  for (const auto& [name, what] : checkpoint.others) others[name] = what;
  Json all = {{"file", arguments.file},
              {"kind", checkpoint.kind},
              {"tensors", checkpoint.tensors.size()},
              {"wrappers", checkpoint.wrappers},
              {"prefix", checkpoint.prefix + (fit ? fit->prefix : "")},
              {"numbered", fit && fit->numbered},
              {"others", others},
              {"output", arguments.output}};
  if (fit) {
    all["backbone"] = fit->backbone;
    all["stem"] = fit->stem;
    all["used"] = fit->report.used;
    all["missing"] = fit->report.missing;
    all["left_over"] = fit->report.left_over;
    all["wrong_shape"] = fit->report.wrong_shape;
  }
  if (model) all["classes"] = model->classes;
  return json_text(all);
}

}  // namespace

void run_import(const ImportArguments& arguments) {
  if (arguments.any && !arguments.backbone.empty())
    fail_usage("--any writes every tensor, --backbone only those of one; give one of the two");
  check_output(arguments.output, arguments.force);
  const auto checkpoint = read_checkpoint(arguments.file);
  std::optional<BackboneFit> fit;
  if (!arguments.any) fit = fitting(checkpoint, arguments);
  const auto model = fit ? whole_model(checkpoint, *fit) : std::nullopt;
  if (model) {
    save_model(arguments.output, *model);
  } else {
    save_weights(arguments.output,
                 fit ? WeightsFile{fit->tensors, fit->backbone, fit->stem, {}} : WeightsFile{checkpoint.tensors, {}, {}, {}});
  }
  deliver(arguments.format == "json" ? as_json(checkpoint, fit, model, arguments) : as_text(checkpoint, fit, model, arguments),
          "");
}

}  // namespace leaf::app
