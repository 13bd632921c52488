#include "leaf/train/optimizer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/base/vectorize.h"
#include "leaf/train/memory_order.h"

namespace leaf {
namespace {

/// The numbers of one Adam step. `keep` multiplies the weights (AdamW), `pull` of them is added to the gradient (Adam).
struct AdamStep {
  float beta1, beta2, epsilon, step_size, correction, keep, pull;
};

AdamStep adam_step(const OptimizerOptions& options, double rate, int64_t steps, double weight_decay) {
  const bool apart = options.kind == "adamw";
  const double correction1 = 1 - std::pow(options.beta1, steps), correction2 = 1 - std::pow(options.beta2, steps);
  const auto f = [](double value) { return static_cast<float>(value); };
  return {f(options.beta1),
          f(options.beta2),
          f(options.epsilon),
          f(rate / correction1),
          f(1 / std::sqrt(correction2)),
          apart ? f(1 - rate * weight_decay) : 1,
          apart ? 0 : f(weight_decay)};
}

constexpr Vectorized move_by_adam =
    [](const AdamStep& s, float* __restrict weight, const float* __restrict gradient, float* __restrict first,
       float* __restrict second, int64_t begin, int64_t end) __attribute__((always_inline)) {
  const float rest1 = 1 - s.beta1, rest2 = 1 - s.beta2;
  for (int64_t i = begin; i < end; ++i) {
    const float w = weight[i] * s.keep;
    const float g = gradient[i] + s.pull * w;
    first[i] = first[i] * s.beta1 + rest1 * g;
    second[i] = second[i] * s.beta2 + rest2 * g * g;
    weight[i] = w - s.step_size * first[i] / (std::sqrt(second[i]) * s.correction + s.epsilon);
  }
};

void move_dense(const AdamStep& s, float* weight, const float* gradient, float* first, float* second, int64_t count) {
  at::parallel_for(0, count, kGrain,
                   [=](int64_t begin, int64_t end) { move_by_adam(s, weight, gradient, first, second, begin, end); });
}

/// The same for lists of tensors of any kind, one of each list a parameter: on a GPU a few calls for all of them.
struct Parts {
  std::vector<torch::Tensor> weight, gradient, first, second;
};

void move_any(const AdamStep& s, const Parts& of) {
  if (s.keep != 1) at::_foreach_mul_(of.weight, s.keep);
  const auto g = s.pull == 0 ? of.gradient : at::_foreach_add(of.gradient, of.weight, s.pull);
  at::_foreach_mul_(of.first, s.beta1);
  at::_foreach_add_(of.first, g, 1 - s.beta1);
  at::_foreach_mul_(of.second, s.beta2);
  at::_foreach_addcmul_(of.second, g, g, 1 - s.beta2);
  const auto root = at::_foreach_sqrt(of.second);
  at::_foreach_mul_(root, s.correction);
  at::_foreach_add_(root, s.epsilon);
  at::_foreach_addcdiv_(of.weight, of.first, root, -s.step_size);
}

struct SgdStep {
  float rate, momentum, pull;
  bool nesterov;
};

SgdStep sgd_step(const OptimizerOptions& options, double rate, double weight_decay) {
  return {static_cast<float>(rate), static_cast<float>(options.momentum), static_cast<float>(weight_decay), options.nesterov};
}

constexpr Vectorized move_by_sgd = [](const SgdStep& s, float* __restrict weight, const float* __restrict gradient,
                                      float* __restrict memory, int64_t begin, int64_t end) __attribute__((always_inline)) {
  for (int64_t i = begin; i < end; ++i) {
    const float g = gradient[i] + s.pull * weight[i];
    memory[i] = memory[i] * s.momentum + g;
    weight[i] -= s.rate * (s.nesterov ? g + s.momentum * memory[i] : memory[i]);
  }
};

void move_dense(const SgdStep& s, float* weight, const float* gradient, float* memory, int64_t count) {
  at::parallel_for(0, count, kGrain, [=](int64_t begin, int64_t end) { move_by_sgd(s, weight, gradient, memory, begin, end); });
}

void move_any(const SgdStep& s, const Parts& of) {
  const auto g = s.pull == 0 ? of.gradient : at::_foreach_add(of.gradient, of.weight, s.pull);
  at::_foreach_mul_(of.first, s.momentum);
  at::_foreach_add_(of.first, g);
  at::_foreach_add_(of.weight, s.nesterov ? at::_foreach_add(g, of.first, s.momentum) : of.first, -s.rate);
}

/// Names of the parts of a slot's memory; the second is empty for SGD.
std::pair<std::string, std::string> part_names(const OptimizerOptions& options) {
  return options.kind == "sgd" ? std::pair{".momentum", ""} : std::pair{".first", ".second"};
}

/// Calls a function when the whole gradient of a parameter is there.
class WholeGradientHook : public torch::autograd::FunctionPostHook {
 public:
  explicit WholeGradientHook(std::function<void()> call) : call_(std::move(call)) {}

  torch::autograd::variable_list operator()(const torch::autograd::variable_list& outputs,
                                            const torch::autograd::variable_list& /*inputs*/) override {
    call_();
    return outputs;
  }

 private:
  std::function<void()> call_;
};

}  // namespace

Optimizer::Optimizer(torch::nn::Module& module, const OptimizerOptions& options)
    : options_(options), rate_(std::make_shared<std::optional<double>>()) {
  if (options.kind != "adam" && options.kind != "adamw" && options.kind != "sgd") not_allowed("optimizer.kind", options.kind);
  for (const auto& item : module.named_parameters()) {
    const auto& parameter = item.value();
    if (!parameter.requires_grad()) continue;
    // Normalizations and biases are the parameters with fewer than two dimensions; a stack of biases is named as one.
    const bool norm_or_bias = parameter.dim() < 2 || item.key().ends_with("bias");
    const auto empty = torch::zeros_like(parameter);
    slots_.push_back({item.key(), parameter, empty, options.kind == "sgd" ? torch::Tensor() : empty.clone(),
                      torch::zeros({}, torch::kLong), norm_or_bias && !options.decay_norm_and_bias ? 0 : options.weight_decay,
                      nullptr});
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    auto whole = torch::autograd::impl::grad_accumulator(slots_[i].parameter);  // a pointer whose kind depends on libtorch
    slots_[i].whole = std::make_shared<decltype(whole)>(whole);
    whole->add_post_hook(std::make_unique<WholeGradientHook>([this, i, held = std::weak_ptr(rate_)] {
      const auto rate = held.lock();
      if (rate == nullptr || !rate->has_value()) return;  // a backward pass of someone else
      move(slots_[i], **rate);
      slots_[i].parameter.mutable_grad().reset();
    }));
  }
}

void Optimizer::descend(const torch::Tensor& loss, double rate) {
  struct Reset {
    std::optional<double>& rate;
    ~Reset() { rate.reset(); }
  } const at_the_end{*rate_};
  if (loss.is_cpu()) *rate_ = rate;  // and the hooks move
  loss.backward();
  if (!loss.is_cpu()) move_together(rate);
}

void Optimizer::move_together(double rate) {
  std::map<std::pair<int64_t, double>, Parts> groups;  // those that have the same numbers
  for (auto& slot : slots_) {
    const auto& gradient = slot.parameter.grad();
    if (!gradient.defined()) continue;
    auto& parts = groups[{++*slot.steps.data_ptr<int64_t>(), slot.weight_decay}];
    parts.weight.push_back(slot.parameter);
    parts.gradient.push_back(gradient);
    parts.first.push_back(slot.first);
    if (slot.second.defined()) parts.second.push_back(slot.second);
    slot.parameter.mutable_grad().reset();
  }
  const torch::NoGradGuard no_gradient;
  for (const auto& [numbers, parts] : groups) {
    const auto [steps, weight_decay] = numbers;
    options_.kind == "sgd" ? move_any(sgd_step(options_, rate, weight_decay), parts)
                           : move_any(adam_step(options_, rate, steps, weight_decay), parts);
  }
}

void Optimizer::move(Slot& slot, double rate) const {
  const torch::NoGradGuard no_gradient;
  const auto& gradient = slot.parameter.grad();
  const int64_t steps = ++*slot.steps.data_ptr<int64_t>(), count = slot.parameter.numel();
  const auto data = [](const torch::Tensor& tensor) { return tensor.data_ptr<float>(); };
  if (options_.kind == "sgd") {
    const auto numbers = sgd_step(options_, rate, slot.weight_decay);
    if (same_dense_order({slot.parameter, gradient, slot.first})) {
      move_dense(numbers, data(slot.parameter), data(gradient), data(slot.first), count);
    } else {
      move_any(numbers, {{slot.parameter}, {gradient}, {slot.first}, {}});
    }
  } else {
    const auto numbers = adam_step(options_, rate, steps, slot.weight_decay);
    if (same_dense_order({slot.parameter, gradient, slot.first, slot.second})) {
      move_dense(numbers, data(slot.parameter), data(gradient), data(slot.first), data(slot.second), count);
    } else {
      move_any(numbers, {{slot.parameter}, {gradient}, {slot.first}, {slot.second}});
    }
  }
  torch::autograd::impl::bump_version(slot.parameter);  // the plain loops write past libtorch
}

Tensors Optimizer::state() const {
  const auto [first, second] = part_names(options_);
  Tensors state;
  for (const auto& slot : slots_) {
    state[slot.name + first] = slot.first;
    if (slot.second.defined()) state[slot.name + second] = slot.second;
    state[slot.name + ".steps"] = slot.steps;
  }
  return state;
}

void Optimizer::load(const Tensors& state) {
  const torch::NoGradGuard no_gradient;
  const auto own = this->state();
  for (const auto& [name, tensor] : own) {
    const auto source = state.find(name);
    if (source == state.end()) fail("the saved optimizer lacks {}", name);
    if (source->second.sizes() != tensor.sizes() || source->second.scalar_type() != tensor.scalar_type()) {
      fail("the saved optimizer has {} in another shape than the model", name);
    }
  }
  for (const auto& [name, tensor] : state) {
    if (!own.contains(name)) fail("the saved optimizer has {}, which the model lacks", printable(name));
  }
  for (const auto& [name, tensor] : own) tensor.copy_(state.at(name));
}

double learning_rate(const OptimizerOptions& options, int64_t step, int64_t total) {
  if (step < options.warm_up) return options.learning_rate * static_cast<double>(step) / static_cast<double>(options.warm_up);
  const double progress =
      static_cast<double>(step - options.warm_up) / static_cast<double>(std::max<int64_t>(total - options.warm_up, 1));
  if (options.schedule == "constant") return options.learning_rate;
  if (options.schedule == "cosine")
    return options.learning_rate * std::max(0.0, std::cos(7.0 / 16 * std::numbers::pi * progress));
  if (options.schedule == "half_cosine")
    return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * std::min(progress, 1.0)));
  not_allowed("optimizer.schedule", options.schedule);
}

}  // namespace leaf
