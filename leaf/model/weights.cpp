#include "leaf/model/weights.h"

#include <fmt/format.h>

#include <sstream>

#include "leaf/base/text.h"

namespace leaf {
namespace {

std::string described(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.scalar_type() << " " << tensor.sizes();
  return text.str();
}

bool fits(const torch::Tensor& source, const torch::Tensor& target) {
  return source.sizes() == target.sizes() && source.is_floating_point() == target.is_floating_point();
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 3;
  std::vector<std::string> shown(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  for (auto& name : shown) name = printable(name);
  return join(shown) + (names.size() > kShown ? ", …" : "");
}

}  // namespace

std::string WeightsReport::summary() const {
  std::string text = fmt::format("{} tensors used", used.size());
  const auto add = [&](const char* noun, const std::vector<std::string>& names) {
    if (!names.empty()) text += fmt::format("; {} {}: {}", names.size(), noun, listed(names));
  };
  add("missing", missing);
  add("left over", left_over);
  add("of the wrong shape", wrong_shape);
  return text;
}

Tensors collect(const torch::nn::Module& module) {
  Tensors tensors;
  for (const auto& item : module.named_parameters()) tensors.emplace(item.key(), item.value().detach());
  for (const auto& item : module.named_buffers()) tensors.emplace(item.key(), item.value().detach());
  return tensors;
}

WeightsReport load_weights(torch::nn::Module& module, const Tensors& tensors) {
  const torch::NoGradGuard no_gradient;
  WeightsReport report;
  const auto targets = collect(module);
  for (const auto& [name, target] : targets) {
    const auto source = tensors.find(name);
    if (source == tensors.end()) {
      report.missing.push_back(name);
    } else if (!fits(source->second, target)) {
      report.wrong_shape.push_back(fmt::format("{} ({} expected, {} found)", name, described(target), described(source->second)));
    } else {
      target.copy_(source->second);
      report.used.push_back(name);
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!targets.contains(name)) report.left_over.push_back(name);
  }
  return report;
}

void copy_state(const torch::nn::Module& from, torch::nn::Module& to) {
  const auto report = load_weights(to, collect(from));
  TORCH_CHECK(report.complete(), "copy_state needs modules of one structure: ", report.summary());
}

}  // namespace leaf
