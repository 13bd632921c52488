#include "leaf/ssl/category.h"

#include <limits>

#include "leaf/base/error.h"

namespace leaf {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

/// The weight of a face whose positive classes have the mean `a` [n] and whose first negative class has `d` [n].
torch::Tensor weight_of(const torch::Tensor& a, const torch::Tensor& d, const std::string& shape) {
  if (shape == "linear") return (a - d) / a;
  if (shape == "convex") return (a - d) / (d + a);
  if (shape == "concave") return torch::log(1 + 50 * (a - d)) / torch::log(1 + 50 * a);
  not_allowed("category.weight", shape);
}

}  // namespace

AmbiguousLabels ambiguous_labels(const torch::Tensor& probabilities, const CategoryOptions& options) {
  const torch::NoGradGuard no_gradient;
  TORCH_CHECK(probabilities.dim() == 2, "ambiguous_labels needs probabilities [n, C]");
  const int64_t classes = probabilities.size(1), limit = options.max_positive;
  if (classes < limit + 1) {
    fail_usage("up to {} positive classes and a negative one need at least {} classes, found {}; lower category.max_positive",
               limit, limit + 1, classes);
  }
  const bool counts_negative = options.counting == "with_first_negative";
  const auto [sorted, order] = probabilities.sort(1, /*descending=*/true);
  const auto mass = sorted.cumsum(1);

  // Mass only grows along a row, so the smallest index that has enough is the number of those that have too little.
  const int64_t first = counts_negative ? 1 : 0;
  const auto count = 1 + (mass.slice(1, first, first + limit - 1) < options.mass).sum(1, /*keepdim=*/true);  // m, [n, 1]
  const auto positive = torch::zeros_like(probabilities, torch::kBool)
                            .scatter(1, order, torch::arange(classes, order.options()).unsqueeze(0) < count);
  const auto counted = counts_negative ? count : count - 1;
  const auto a = mass.gather(1, counted) / (counted + 1);
  const auto d = sorted.gather(1, count);
  return {positive, weight_of(a, d, options.weight).clamp(0, 1).squeeze(1)};
}

torch::Tensor ambiguous_loss(const torch::Tensor& logits, const AmbiguousLabels& labels) {
  const auto positive = (-logits).masked_fill(~labels.positive, kNothing).logsumexp(1);
  const auto negative = logits.masked_fill(labels.positive, kNothing).logsumexp(1);
  return torch::softplus(positive + negative);
}

torch::Tensor category_loss(const torch::Tensor& logits, const AmbiguousLabels& labels, const torch::Tensor& single) {
  const auto loss = ambiguous_loss(logits, labels) * labels.weight;
  return loss * balance_factor(single, loss);
}

torch::Tensor balance_factor(const torch::Tensor& reference, const torch::Tensor& loss) {
  const torch::NoGradGuard no_gradient;
  if (loss.numel() == 0) return torch::zeros({}, loss.options());
  return reference.mean() / loss.mean().clamp_min(1e-12);
}

}  // namespace leaf
