#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "app/tensor/commands.h"
#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/options.h"
#include "leaf/base/text.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/model/naming.h"
#include "leaf/model/weights_file.h"

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

std::string as_text(const Checkpoint& checkpoint, const std::optional<BackboneFit>& fit, const ImportArguments& arguments) {
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
  return text + fmt::format("written: {} ({})\n", arguments.output, human_bytes(std::filesystem::file_size(arguments.output)));
}

std::string as_json(const Checkpoint& checkpoint, const std::optional<BackboneFit>& fit, const ImportArguments& arguments) {
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
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void run_import(const ImportArguments& arguments) {
  if (arguments.any && !arguments.backbone.empty())
    fail_usage("--any writes every tensor, --backbone only those of one; give one of the two");
  check_output(arguments.output, arguments.force);
  const auto checkpoint = read_checkpoint(arguments.file);
  std::optional<BackboneFit> fit;
  if (!arguments.any) fit = fitting(checkpoint, arguments);
  save_weights(arguments.output,
               fit ? WeightsFile{fit->tensors, fit->backbone, fit->stem, {}} : WeightsFile{checkpoint.tensors, {}, {}, {}});
  deliver(arguments.format == "json" ? as_json(checkpoint, fit, arguments) : as_text(checkpoint, fit, arguments), "");
}

}  // namespace leaf::app
