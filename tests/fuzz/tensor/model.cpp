#include "leaf/base/bytes.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/recognize/model_file.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  const auto path = as_file(input);
  load_model(path);
}

/// A model's file without the numbers of its encoder, which would be too many; and without any.
std::vector<std::string> seeds() {
  ModelFile file;
  file.options.backbone = "resnet10_half";
  file.views.size = 16;
  file.classes = {"anger", "fear"};
  file.model = make_model(file.options, 2, file.views.size);
  file.calibration = {.temperature = 1.5, .scores = {0.25, 0.5}, .fitted_on = "folds", .faces = 2};
  const auto path = scratch_folder() / "seed";
  save_model(path, file);
  auto read = read_safetensors(path);
  std::vector<std::string> result;
  for (const std::string kept : {"head.", "nothing"}) {
    std::erase_if(read.tensors, [&](const auto& entry) { return !entry.first.starts_with(kept); });
    write_safetensors(path, read);
    result.push_back(read_file(path));
  }
  return result;
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
