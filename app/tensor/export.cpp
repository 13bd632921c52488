#include <fmt/format.h>

#include <filesystem>

#include "app/tensor/commands.h"
#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/export/hub.h"
#include "leaf/export/onnx.h"

namespace leaf::app {
namespace {

namespace fs = std::filesystem;

void export_onnx(const ExportArguments& arguments, const ModelFile& file) {
  write_file(arguments.output, onnx_of(file));
  const auto size = file.views.size;
  const auto classes = file.classes.size();
  deliver(fmt::format("{}: {}, faces [batch, 3, {}, {}] -> logits and probabilities [batch, {}], in float32\n"
                      "what the faces must be and the names of the classes are in its metadata\n",
                      arguments.output, human_bytes(fs::file_size(arguments.output)), size, size, classes),
          "");
}

void export_hub(const ExportArguments& arguments, const ModelFile& file) {
  const auto folder = fs::absolute(arguments.output).lexically_normal();
  if (fs::exists(folder) && !fs::is_directory(folder)) fail("{} is a file; a hub's folder is a folder", arguments.output);
  if (fs::exists(RunFolder{folder}.config()))
    fail("{} is the folder of a run, which is left alone; choose another one", arguments.output);
  write_hub_folder(folder, hub_folder(last_name(folder), arguments.run, file));
  deliver(fmt::format("{}: model.safetensors, config.json, preprocessor_config.json and README.md\n"
                      "read the card before you publish it: the license is yours to say\n",
                      arguments.output),
          "");
}

}  // namespace

void run_export(const ExportArguments& arguments) {
  check_output(arguments.output, arguments.force);
  const auto file = load_model(arguments.run);
  arguments.format == "onnx" ? export_onnx(arguments, file) : export_hub(arguments, file);
}

}  // namespace leaf::app
