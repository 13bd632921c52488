#include "leaf/model/kernels/normalization.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "leaf/model/kernels/bfloat16.h"
#include "leaf/model/kernels/normalization_loops.h"
#include "leaf/model/kernels/tensors.h"

namespace leaf {
namespace {

using torch::Tensor;

using normalization::add_gradient_moments;
using normalization::add_moments;
using normalization::apply;
using normalization::apply_gradient;
using normalization::OwnSign;
using normalization::ReadSign;

constexpr int64_t kGrain = 1 << 14;  ///< numbers that are worth a thread

/// Two sums a channel, [2, C].
using Sums = std::vector<double>;

/// The sums over rows [begin, end) that `add(begin, end, sums)` adds up, one part a thread, in an order that does not depend on
/// which is done first.
template <typename Add>
Sums summed(int64_t begin, int64_t end, int64_t channels, const Add& add) {
  const int64_t threads = std::clamp<int64_t>((end - begin) * channels / kGrain, 1, at::get_num_threads());
  std::vector<Sums> parts(threads, Sums(2 * channels, 0.0));
  at::parallel_for(0, threads, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      add(begin + (end - begin) * i / threads, begin + (end - begin) * (i + 1) / threads, parts[i].data());
  });
  for (int64_t i = 1; i < threads; ++i)
    std::transform(parts[0].begin(), parts[0].end(), parts[i].begin(), parts[0].begin(), std::plus<>());
  return parts[0];
}

template <typename Work>
void over_rows(int64_t begin, int64_t end, int64_t channels, const Work& work) {
  at::parallel_for(begin, end, std::max<int64_t>(1, kGrain / channels), work);
}

/// Where the rows of each batch begin, and the end.
std::vector<int64_t> row_bounds(const std::vector<int64_t>& batches, int64_t pixels) {
  std::vector<int64_t> bounds{0};
  for (const auto images : batches) bounds.push_back(bounds.back() + images * pixels);
  return bounds;
}

/// The mean and 1/√(variance + ε) of each batch, [2, batches, C] float32.
template <typename T>
Tensor statistics(const Tensor& x, const std::vector<int64_t>& bounds, const Normalization& how, size_t followed) {
  const int64_t channels = x.size(1);
  const auto batches = static_cast<int64_t>(bounds.size()) - 1;
  auto result = torch::empty({2, batches, channels});
  auto* const running_mean = how.running_mean.data_ptr<float>();
  auto* const running_variance = how.running_variance.data_ptr<float>();
  for (int64_t i = 0; i < batches; ++i) {
    const auto rows = static_cast<double>(bounds[i + 1] - bounds[i]);
    const auto* const data = static_cast<const T*>(x.data_ptr());
    const auto sums = summed(bounds[i], bounds[i + 1], channels,
                             [&](int64_t begin, int64_t end, double* part) { add_moments(data, begin, end, channels, part); });
    auto* const mean = result[0][i].data_ptr<float>();
    auto* const inverse = result[1][i].data_ptr<float>();
    for (int64_t c = 0; c < channels; ++c) {
      const double center = sums[c] / rows, variance = std::max(0.0, sums[channels + c] / rows - center * center);
      mean[c] = static_cast<float>(center);
      inverse[c] = static_cast<float>(1 / std::sqrt(variance + how.epsilon));
      if (static_cast<size_t>(i) >= followed) continue;
      const double m = how.momentum;
      running_mean[c] = static_cast<float>((1 - m) * running_mean[c] + m * center);
      running_variance[c] = static_cast<float>((1 - m) * running_variance[c] + m * variance * rows / (rows - 1));
    }
  }
  return result;
}

/// One factor and one summand a channel: normalized(x) = x · scale + shift. [2, C].
Tensor scale_and_shift(const Tensor& mean, const Tensor& inverse, const Normalization& how) {
  const auto scale = inverse * how.weight.detach();
  return torch::stack({scale, how.bias.detach() - mean * scale});
}

template <typename T>
void apply_to(const Tensor& x, const Tensor& added, const Tensor& factors, double slope, int64_t begin, int64_t end, Tensor& y) {
  const auto* const from = static_cast<const T*>(x.data_ptr());
  const auto* const more = added.defined() ? static_cast<const T*>(added.data_ptr()) : nullptr;
  auto* const to = static_cast<T*>(y.data_ptr());
  const auto* const scale = factors[0].data_ptr<float>();
  const auto* const shift = factors[1].data_ptr<float>();
  const int64_t channels = x.size(1);
  over_rows(begin, end, channels, [&](int64_t first, int64_t last) {
    apply(from, more, scale, shift, static_cast<float>(slope), first, last, channels, to);
  });
}

template <typename T>
Tensor forward(const Tensor& x, const Tensor& added, const Normalization& how, const std::vector<int64_t>& bounds,
               const Tensor& statistics) {
  auto y = torch::empty_like(x);
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    const auto batch = static_cast<int64_t>(i);
    apply_to<T>(x, added, scale_and_shift(statistics[0][batch], statistics[1][batch], how), how.slope, bounds[i], bounds[i + 1],
                y);
  }
  return y;
}

struct Gradients {
  Tensor x, added, weight, bias;
};

template <typename T>
Gradients backward(const Tensor& gradient, const Tensor& x, const Tensor& y, const Normalization& how, const Tensor& statistics,
                   const std::vector<int64_t>& bounds) {
  const int64_t channels = x.size(1);
  const bool shortcut = y.defined();
  Gradients result{torch::empty_like(x), shortcut ? torch::empty_like(x) : Tensor(), torch::zeros({channels}),
                   torch::zeros({channels})};
  const auto* const g = static_cast<const T*>(gradient.data_ptr());
  const auto* const input = static_cast<const T*>(x.data_ptr());
  const auto* const output = shortcut ? static_cast<const T*>(y.data_ptr()) : input;
  auto* const behind = shortcut ? static_cast<T*>(result.added.data_ptr()) : nullptr;
  auto* const target = static_cast<T*>(result.x.data_ptr());
  const auto* const factor = how.weight.data_ptr<float>();
  auto* const of_weight = result.weight.data_ptr<float>();
  auto* const of_bias = result.bias.data_ptr<float>();
  const auto slope = static_cast<float>(how.slope);
  std::vector<float> a(channels), b(channels), c0(channels);
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    const auto mean_tensor = statistics[0][static_cast<int64_t>(i)], inverse_tensor = statistics[1][static_cast<int64_t>(i)];
    const auto* const mean = mean_tensor.data_ptr<float>();
    const auto* const inverse = inverse_tensor.data_ptr<float>();
    const auto factors = scale_and_shift(mean_tensor, inverse_tensor, how);
    const OwnSign own{factors[0].data_ptr<float>(), factors[1].data_ptr<float>(), slope};
    const auto sums = summed(bounds[i], bounds[i + 1], channels, [&](int64_t begin, int64_t end, double* part) {
      if (shortcut) {
        add_gradient_moments(g, input, output, ReadSign{slope}, begin, end, channels, part, behind);
      } else {
        add_gradient_moments(g, input, output, own, begin, end, channels, part, behind);
      }
    });
    const auto rows = static_cast<double>(bounds[i + 1] - bounds[i]);
    // The gradient of x is γ/σ · (g − mean g − x̂ · mean (g · x̂)) with x̂ = (x − μ)/σ, here as g · a + x · b
    // + c0.
    for (int64_t c = 0; c < channels; ++c) {
      const double product = (sums[channels + c] - mean[c] * sums[c]) * inverse[c];  // Σ g · x̂
      of_bias[c] += static_cast<float>(sums[c]);
      of_weight[c] += static_cast<float>(product);
      const double outer = static_cast<double>(factor[c]) * inverse[c], mean_g = sums[c] / rows, mean_product = product / rows;
      a[c] = static_cast<float>(outer);
      b[c] = static_cast<float>(-outer * mean_product * inverse[c]);
      c0[c] = static_cast<float>(-outer * (mean_g - mean_product * inverse[c] * mean[c]));
    }
    over_rows(bounds[i], bounds[i + 1], channels, [&](int64_t begin, int64_t end) {
      if (shortcut) {
        apply_gradient(behind, input, ReadSign{1}, a.data(), b.data(), c0.data(), begin, end, channels, target);
      } else {
        apply_gradient(g, input, own, a.data(), b.data(), c0.data(), begin, end, channels, target);
      }
    });
  }
  return result;
}

template <typename T>
Tensor behind(const Tensor& gradient, const Tensor& y, double slope, Sums& sums) {
  const int64_t channels = gradient.size(1), rows = gradient.numel() / channels;
  auto result = slope == 1 ? gradient : torch::empty_like(gradient);
  const auto* const from = static_cast<const T*>(gradient.data_ptr());
  const auto* const sign = slope == 1 ? from : static_cast<const T*>(y.data_ptr());
  auto* const to = slope == 1 ? nullptr : static_cast<T*>(result.data_ptr());
  sums = summed(0, rows, channels, [&](int64_t begin, int64_t end, double* part) {
    add_gradient_moments(from, sign, sign, ReadSign{static_cast<float>(slope)}, begin, end, channels, part, to);
  });
  return result;
}

bool is_low(const Tensor& x) { return x.scalar_type() == torch::kBFloat16; }

class NormalizationFunction : public torch::autograd::Function<NormalizationFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const MaybeTensor& shortcut,
                        const Tensor& weight, const Tensor& /*bias*/, const Normalization& how,
                        const std::vector<int64_t>& bounds, size_t followed) {
    const auto added = shortcut.value_or(Tensor());
    const auto found = is_low(x) ? statistics<Bfloat16>(x, bounds, how, followed) : statistics<float>(x, bounds, how, followed);
    auto y =
        is_low(x) ? leaf::forward<Bfloat16>(x, added, how, bounds, found) : leaf::forward<float>(x, added, how, bounds, found);
    context->save_for_backward({x, added.defined() ? y : Tensor(), weight, how.bias});
    context->saved_data["statistics"] = found;
    context->saved_data["bounds"] = bounds;
    context->saved_data["slope"] = how.slope;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &y = saved[1];
    const auto gradient = channels_last(gradients[0]);
    const auto statistics = context->saved_data["statistics"].toTensor();
    const auto bounds = context->saved_data["bounds"].toIntVector();
    Normalization how;
    how.weight = saved[2];
    how.bias = saved[3];
    how.slope = context->saved_data["slope"].toDouble();
    const auto found = is_low(x) ? leaf::backward<Bfloat16>(gradient, x, y, how, statistics, bounds)
                                 : leaf::backward<float>(gradient, x, y, how, statistics, bounds);
    return {found.x, found.added, found.weight, found.bias, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor normalize_batches(const Tensor& x, const Tensor& added, const Normalization& how, const std::vector<int64_t>& batches,
                         size_t followed) {
  TORCH_CHECK(std::accumulate(batches.begin(), batches.end(), int64_t{0}) == x.size(0),
              "the batches have another number of images than x");
  return NormalizationFunction::apply(channels_last(x), added.defined() ? MaybeTensor(channels_last(added)) : c10::nullopt,
                                      how.weight, how.bias, how, row_bounds(batches, x.size(2) * x.size(3)), followed);
}

Tensor normalize_running(const Tensor& x, const Tensor& added, const Normalization& how) {
  const auto ordered = channels_last(x), more = channels_last(added);
  const auto factors = scale_and_shift(how.running_mean, (how.running_variance + how.epsilon).rsqrt(), how);
  auto y = torch::empty_like(ordered);
  const int64_t rows = x.size(0) * x.size(2) * x.size(3);
  is_low(x) ? apply_to<Bfloat16>(ordered, more, factors, how.slope, 0, rows, y)
            : apply_to<float>(ordered, more, factors, how.slope, 0, rows, y);
  return y;
}

std::pair<Tensor, Tensor> behind_rectifier(const Tensor& gradient, const Tensor& y, double slope) {
  Sums sums;
  const auto result = is_low(gradient) ? behind<Bfloat16>(gradient, y, slope, sums) : behind<float>(gradient, y, slope, sums);
  auto of_channels = torch::empty({gradient.size(1)});
  std::transform(sums.begin(), sums.begin() + gradient.size(1), of_channels.data_ptr<float>(),
                 [](double sum) { return static_cast<float>(sum); });
  return {result, of_channels};
}

}  // namespace leaf
