#include "leaf/recognize/model_file.h"

#include <algorithm>

#include "leaf/base/built.h"
#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/model/precision.h"
#include "leaf/model/weights.h"
#include "leaf/views/normalize.h"

namespace leaf {
namespace {

constexpr const char* kFormatVersion = "1";
constexpr const char* kCalibration = "calibration";

const std::string& entry(const TensorFile& file, const std::string& key, const std::string& name) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) fail("{} is not a model of LEAF: its metadata has no \"{}\"", name, key);
  return found->second;
}

Json parse_entry(const TensorFile& file, const std::string& key, const std::string& name) {
  auto value = parse_json(entry(file, key, name));
  if (value.is_discarded()) fail("{} is damaged: its metadata \"{}\" is not JSON", name, key);
  return value;
}

std::vector<std::string> class_names(const Json& list, const std::string& name) {
  const auto is_name = [](const Json& item) { return item.is_string(); };
  const bool valid = list.is_array() && !list.empty() && std::ssize(list) <= limits().list.classes &&
                     std::all_of(list.begin(), list.end(), is_name);
  if (!valid) fail("{} is damaged: \"classes\" must be a list of names", name);
  return list.get<std::vector<std::string>>();
}

/// The numbers of all tensors behind the encoder.
int64_t head_numbers_in(const Tensors& tensors) {
  int64_t numbers = 0;
  for (const auto& [name, tensor] : tensors) numbers += name.starts_with("head.") ? tensor.numel() : 0;
  return numbers;
}

/// The options that a file keeps; what is read into them, or written from them, are those of `file`.
Options options_of(ModelFile& file) {
  Options options;
  describe(options, file.options);
  describe(options, file.views);
  return options;
}

}  // namespace

std::filesystem::path model_path(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) fail("cannot read {}: there is no such run or model file", path.string());
  if (!std::filesystem::is_directory(path)) return path;
  const auto file = path / "model.safetensors";
  if (!std::filesystem::exists(file)) {
    fail("{} has no model.safetensors: it is not the folder of a run that got through its first epoch", path.string());
  }
  return file;
}

void save_model(const std::filesystem::path& path, const ModelFile& file) {
  auto described = file;  // describing needs fields that can be changed
  TensorFile tensors;
  tensors.tensors = collect(*file.model);
  tensors.metadata = {{"format", "pt"},
                      {"leaf_model", kFormatVersion},
                      {"classes", Json(file.classes).dump()},
                      {"options", options_of(described).to_json().dump()}};
  if (file.views_seen > 0) tensors.metadata["views_seen"] = std::to_string(file.views_seen);
  if (file.calibration) tensors.metadata[kCalibration] = to_json(*file.calibration).dump();
  write_safetensors(path, tensors);
}

void save_calibration(const std::filesystem::path& path, const ModelCalibration& calibration) {
  auto tensors = read_safetensors(path);
  tensors.metadata[kCalibration] = to_json(calibration).dump();
  write_safetensors(path, tensors);
}

std::optional<ModelOptions> model_options(const std::filesystem::path& path) {
  const auto location = std::filesystem::is_directory(path) ? path / "model.safetensors" : path;
  if (!std::filesystem::exists(location) || location.extension() != ".safetensors") return std::nullopt;
  const auto tensors = read_safetensors(location);
  if (!tensors.metadata.contains("options") || !tensors.metadata.contains("leaf_model")) return std::nullopt;
  ModelFile file;
  options_of(file).from_json(parse_entry(tensors, "options", location.string()), location.string());
  return file.options;
}

ModelFile load_model(const std::filesystem::path& path) {
  const auto location = model_path(path);
  const auto name = location.string();
  const auto tensors = read_safetensors(location);
  if (tensors.metadata.contains("leaf_weights")) {
    fail(
        "{} holds an encoder without a classifier, which knows no expressions yet; train one with leaf train SOURCE --weights {}",
        name, path.string());
  }
  const auto version = entry(tensors, "leaf_model", name);
  if (version != kFormatVersion)
    fail("{} has model format {}, but this LEAF reads format {}; use a newer LEAF", name, version, kFormatVersion);
  ModelFile file;
  file.classes = class_names(parse_entry(tensors, "classes", name), name);
  options_of(file).from_json(parse_entry(tensors, "options", name), name);
  if (view_cost(file.options, file.views.size) > limits().model.view_cost)
    fail("{} wants views of {} pixels a side, which cost more than LEAF_LIMITS allows (model.view_cost, SECURITY.md)", name,
         file.views.size);
  try {
    file.model =
        make_model(file.options, static_cast<int64_t>(file.classes.size()), file.views.size, head_numbers_in(tensors.tensors));
  } catch (const Error& error) {
    fail("{} is damaged: {}", name, error.what());
  }
  if (tensors.metadata.contains(kCalibration))
    file.calibration = read_calibration(parse_entry(tensors, kCalibration, name), name);
  const auto report = load_weights(*file.model, tensors.tensors);
  if (!report.complete()) fail("{} is damaged: {}", name, report.summary());
  return file;
}

bool avoid_slow_precision(ModelFile& file) {
  if (!built_with("onednn") || is_quick(file.options.precision)) return false;
  file.model->fold("float32", largest_normalized());
  return true;
}

}  // namespace leaf
