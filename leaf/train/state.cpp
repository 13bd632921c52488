#include "leaf/train/state.h"

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/model/weights.h"

namespace leaf {
namespace {

void add_prefixed(Tensors& all, const std::string& prefix, const Tensors& part) {
  for (const auto& [name, tensor] : part) all[prefix + name] = tensor;
}

Tensors take_prefixed(const Tensors& all, const std::string& prefix) {
  Tensors part;
  for (const auto& [name, tensor] : all) {
    if (name.starts_with(prefix)) part[name.substr(prefix.size())] = tensor;
  }
  return part;
}

void load_part(torch::nn::Module& module, const Tensors& tensors, const std::filesystem::path& path) {
  const auto report = load_weights(module, tensors);
  if (!report.complete()) fail("{} does not fit this run: {}", path.string(), report.summary());
}

constexpr std::string_view kVersion = "2";  ///< of a checkpoint; the second has a checksum

TensorFile read_checkpoint(const std::filesystem::path& path) {
  auto file = [&] {
    try {
      return read_safetensors(path);
    } catch (const Damage&) {
      throw;
    } catch (const Error& error) {
      fail_damaged(path, "{}", error.what());
    }
  }();
  const auto version = file.metadata.find("leaf_checkpoint");
  if (version == file.metadata.end()) fail_damaged(path, "it is no checkpoint of LEAF: its metadata has no \"leaf_checkpoint\"");
  if (version->second != kVersion)
    fail("{} is a checkpoint of version {} where {} is expected; continue with the LEAF that wrote it", path.string(),
         printable(version->second), kVersion);
  if (!file.checked) fail_damaged(path, "it has no checksum");
  return file;
}

Json object_of(const TensorFile& file, const std::string& key, const std::filesystem::path& path) {
  const auto found = file.metadata.find(key);
  auto value = found == file.metadata.end() ? Json() : parse_json(found->second);
  if (!value.is_object()) fail_damaged(path, "its metadata has no object \"{}\"", key);
  return value;
}

/// The identity with options of the model that came later than its file at their defaults.
Json completed(Json identity) {
  ModelOptions options;
  Options described;
  describe(described, options);
  auto model = described.to_json().at("model");
  if (identity.contains("model") && identity.at("model").is_object()) model.merge_patch(identity.at("model"));
  identity["model"] = model;
  return identity;
}

/// The first entry in which two runs differ, as a sentence.
std::string difference(const Json& found, const Json& wanted) {
  const auto first = first_difference(found, wanted);
  return first ? fmt::format("{} is {} there, but {} here", first->key, first->found.dump(), first->wanted.dump())
               : "they differ";
}

}  // namespace

void State::expect(const torch::Tensor& shift) {
  const torch::NoGradGuard no_gradient;
  model->shift().copy_(shift);
  average->shift().copy_(shift);
}

Aimed::Aimed(State& state) : state_(state) {
  if (!state_.aim.defined()) return;
  const torch::NoGradGuard no_gradient;
  expected_ = state_.average->shift().clone();
  state_.average->shift().copy_(state_.aim);
}

Aimed::~Aimed() {
  if (!expected_.defined()) return;
  const torch::NoGradGuard no_gradient;
  state_.average->shift().copy_(expected_);
}

void State::save(const std::filesystem::path& path, const Json& identity) const {
  TensorFile file;
  add_prefixed(file.tensors, "model.", collect(*model));
  add_prefixed(file.tensors, "average.", collect(*average));
  add_prefixed(file.tensors, "algorithm.", collect(*algorithm));
  add_prefixed(file.tensors, "optimizer.", optimizer->state());
  const Json progress = {{"step", step}, {"best", best}, {"best_step", best_step}};
  file.metadata = {{"leaf_checkpoint", std::string(kVersion)}, {"identity", identity.dump()}, {"progress", progress.dump()}};
  write_safetensors(path, file, /*checksum=*/true);
}

void State::load(const std::filesystem::path& path, const Json& identity, int64_t steps) {
  const auto file = read_checkpoint(path);
  const auto found = completed(object_of(file, "identity", path));
  if (found != identity) fail("{} belongs to another run: {}", path.string(), difference(found, identity));
  const auto progress = object_of(file, "progress", path);
  const auto number = [&](const char* name, double low, double high) {
    const auto value = progress.value(name, Json());
    if (value.is_number() && value.get<double>() >= low && value.get<double>() <= high) return value;
    fail_damaged(path, "\"{}\" should be a number from {} to {}, not {}", name, low, high, value.dump());
  };
  const auto done = number("step", 0, static_cast<double>(steps)).get<int64_t>();
  const auto best_done = number("best_step", 0, static_cast<double>(done)).get<int64_t>();
  const auto best_value = number("best", -1, 1).get<double>();
  load_part(*model, take_prefixed(file.tensors, "model."), path);
  load_part(*average, take_prefixed(file.tensors, "average."), path);
  load_part(*algorithm, take_prefixed(file.tensors, "algorithm."), path);
  optimizer->load(take_prefixed(file.tensors, "optimizer."));
  step = done;
  best = best_value;
  best_step = best_done;
}

}  // namespace leaf
