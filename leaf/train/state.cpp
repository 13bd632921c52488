#include "leaf/train/state.h"

#include "leaf/base/error.h"
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

void load_part(torch::nn::Module& module, const Tensors& tensors, const std::string& name) {
  const auto report = load_weights(module, tensors);
  if (!report.complete()) fail("{} does not fit this run: {}", name, report.summary());
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
  file.metadata = {{"leaf_checkpoint", "1"}, {"identity", identity.dump()}, {"progress", progress.dump()}};
  write_safetensors(path, file);
}

void State::load(const std::filesystem::path& path, const Json& identity) {
  const auto name = path.string();
  const auto file = read_safetensors(path);
  const auto text = [&](const std::string& key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) fail("{} is not a checkpoint of LEAF: its metadata has no \"{}\"", name, key);
    auto value = Json::parse(found->second, nullptr, false);
    if (!value.is_object() && key != "leaf_checkpoint") fail("{} is damaged: its metadata \"{}\" is not an object", name, key);
    return value;
  };
  if (text("leaf_checkpoint") != 1) fail("{} was written by a newer LEAF", name);
  const auto found = completed(text("identity"));
  if (found != identity) fail("{} belongs to another run: {}", name, difference(found, identity));
  const auto progress = text("progress");
  load_part(*model, take_prefixed(file.tensors, "model."), name);
  load_part(*average, take_prefixed(file.tensors, "average."), name);
  load_part(*algorithm, take_prefixed(file.tensors, "algorithm."), name);
  optimizer->load(take_prefixed(file.tensors, "optimizer."));
  if (!progress.value("step", Json()).is_number_integer() || !progress.value("best", Json()).is_number())
    fail("{} is damaged: it has no step", name);
  step = progress.at("step").get<int64_t>();
  best = progress.at("best").get<double>();
  best_step = progress.value("best_step", int64_t{0});
}

}  // namespace leaf
