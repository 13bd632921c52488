#include "leaf/train/average.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>

#include <algorithm>

#include "leaf/base/vectorize.h"
#include "leaf/model/weights.h"
#include "leaf/train/memory_order.h"

namespace leaf {
namespace {

constexpr Vectorized update_range = [](float* __restrict value, float* __restrict average, int64_t begin, int64_t end, float keep,
                                       float take, float shrink) __attribute__((always_inline)) {
  if (shrink == 1) {
    for (int64_t i = begin; i < end; ++i) average[i] = average[i] * keep + take * value[i];
    return;
  }
  for (int64_t i = begin; i < end; ++i) {
    average[i] = average[i] * keep + take * value[i];
    value[i] *= shrink;
  }
};

void update_dense(float* value, float* average, int64_t count, float keep, float take, float shrink, int64_t repeats) {
  at::parallel_for(0, count, kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t round = 0; round < repeats; ++round) update_range(value, average, begin, end, keep, take, shrink);
  });
}

/// The same for lists of tensors of any kind: on a GPU a few calls for all of them.
struct Lists {
  std::vector<torch::Tensor> value, average;
};

void update_any(const Lists& of, double keep, double shrink, int64_t repeats) {
  for (int64_t round = 0; round < repeats; ++round) {
    at::_foreach_mul_(of.average, keep);
    at::_foreach_add_(of.average, of.value, 1 - keep);
    if (shrink != 1) at::_foreach_mul_(of.value, shrink);
  }
}

}  // namespace

MovingAverage::MovingAverage(torch::nn::Module& module, torch::nn::Module& average, const AverageOptions& options,
                             const std::map<std::string, int64_t>& listings)
    : options_(options) {
  const auto values = collect(module), averages = collect(average);
  const auto parameters = module.named_parameters();
  for (const auto& [name, value] : values) {
    const auto found = averages.find(name);
    TORCH_CHECK(found != averages.end() && found->second.sizes() == value.sizes(), "the average lacks ", name);
    const auto listed = options.repeat_shared ? listings.find(name) : listings.end();
    pairs_.push_back({value, found->second, parameters.contains(name) || options.decay_buffers,
                      listed == listings.end() ? 1 : listed->second});
  }
  TORCH_CHECK(averages.size() == values.size(), "the average has more tensors than the module");
}

void MovingAverage::update(double rate, int64_t step) {
  const torch::NoGradGuard no_gradient;
  const auto t = static_cast<double>(step);
  const double keep = options_.growth ? std::min(options_.decay, (1 + t) / (10 + t)) : options_.decay;
  std::map<std::pair<bool, int64_t>, Lists> others;  // those that decay or not, and are treated equally often
  for (auto& [value, average, decays, repeats] : pairs_) {
    const double shrink = decays ? 1 - options_.weight_decay * rate : 1;
    if (!value.is_floating_point()) {
      average.copy_(value);
    } else if (same_dense_order({value, average})) {
      update_dense(value.data_ptr<float>(), average.data_ptr<float>(), value.numel(), static_cast<float>(keep),
                   static_cast<float>(1 - keep), static_cast<float>(shrink), repeats);
    } else {
      auto& lists = others[{decays, repeats}];
      lists.value.push_back(value);
      lists.average.push_back(average);
    }
  }
  for (const auto& [how, lists] : others) update_any(lists, keep, how.first ? 1 - options_.weight_decay * rate : 1, how.second);
}

}  // namespace leaf
