#include "leaf/train/representation.h"

#include <ATen/ops/linalg_eigvalsh.h>
#include <torch/optim/lbfgs.h>

#include <algorithm>
#include <cmath>

#include "leaf/ssl/losses.h"
#include "leaf/train/evaluate.h"

namespace leaf {
namespace {

constexpr int64_t kMostFaces = 2000, kMostLabeled = 4000;

double share_equal(const torch::Tensor& a, const torch::Tensor& b) { return (a == b).to(torch::kDouble).mean().item<double>(); }

int64_t class_count(const torch::Tensor& a, const torch::Tensor& b) {
  return std::max(a.max().item<int64_t>(), b.max().item<int64_t>()) + 1;
}

}  // namespace

double effective_rank(const torch::Tensor& features) {
  constexpr double kPrecision = 1e-6;  // of what the network computes, relative
  const auto all = features.to(torch::kDouble);
  const auto centered = all - all.mean(0);
  if (centered.norm().item<double>() <= kPrecision * all.norm().item<double>()) return 0;
  const auto values = at::linalg_eigvalsh(centered.t().mm(centered), "L").clamp_min(0).sqrt();
  const auto shares = values / values.sum();
  return std::exp(-torch::xlogy(shares, shares).sum().item<double>());
}

double uniformity(const torch::Tensor& features) {
  const auto unit = unit_length(features.to(torch::kDouble));
  const auto n = static_cast<double>(unit.size(0));
  const auto lengths = unit.square().sum(1, /*keepdim=*/true);  // 1, or 0 for a feature of zeros
  const auto squared = (lengths + lengths.t() - 2 * unit.mm(unit.t())).clamp_min(0).fill_diagonal_(0);
  return std::log(((-2 * squared).exp().sum().item<double>() - n) / (n * (n - 1)));  // without the pairs of a face with itself
}

double spread(const torch::Tensor& features) {
  const auto unit = unit_length(features.to(torch::kDouble));
  return unit.std(0, /*unbiased=*/false).mean().item<double>() * std::sqrt(static_cast<double>(unit.size(1)));
}

double neighbor_accuracy(const torch::Tensor& known, const torch::Tensor& known_labels, const torch::Tensor& features,
                         const torch::Tensor& labels, int64_t k) {
  constexpr double kTemperature = 0.07;
  const auto cosines = unit_length(features).mm(unit_length(known).t());
  const auto [nearest, places] = cosines.topk(std::min(k, known.size(0)), 1);
  const auto votes = torch::zeros({features.size(0), class_count(known_labels, labels)});
  const auto neighbor_labels = known_labels.index_select(0, places.flatten()).view_as(places);
  return share_equal(votes.scatter_add(1, neighbor_labels, (nearest / kTemperature).exp()).argmax(1), labels);
}

double probe_accuracy(const torch::Tensor& known, const torch::Tensor& known_labels, const torch::Tensor& features,
                      const torch::Tensor& labels) {
  constexpr double kPenalty = 1e-3;
  const auto mean = known.mean(0), deviation = known.std(0, /*unbiased=*/false).clamp_min(1e-6);
  const auto inputs = (known - mean) / deviation;
  const int64_t classes = class_count(known_labels, labels);
  auto weight = torch::zeros({known.size(1), classes}).requires_grad_(), bias = torch::zeros({classes}).requires_grad_();
  torch::optim::LBFGS optimizer({weight, bias}, torch::optim::LBFGSOptions(1).max_iter(100).line_search_fn("strong_wolfe"));
  optimizer.step([&] {
    optimizer.zero_grad();
    auto loss = cross_entropy(torch::addmm(bias, inputs, weight), known_labels).mean() + kPenalty * weight.square().sum();
    loss.backward();
    return loss;
  });
  const torch::NoGradGuard no_gradient;
  return share_equal(torch::addmm(bias, (features - mean) / deviation, weight).argmax(1), labels);
}

Representation measure_representation(Model& model, const Pool& faces, const Pool& labeled, const Pool& validation,
                                      const ViewOptions& views, torch::Device device) {
  const auto features = predict(model, sample_of(faces, kMostFaces), views, device).features;
  Representation result{.rank = effective_rank(features),
                        .uniformity = uniformity(features),
                        .deviation = spread(features),
                        .neighbors = {},
                        .probe = {}};
  if (labeled.size() == 0 || validation.size() == 0) return result;
  const auto known = predict(model, sample_of(labeled, kMostLabeled), views, device);
  const auto judged = predict(model, sample_of(validation, kMostLabeled), views, device);
  result.neighbors = neighbor_accuracy(known.features, known.labels, judged.features, judged.labels);
  result.probe = probe_accuracy(known.features, known.labels, judged.features, judged.labels);
  return result;
}

std::string collapse(const Representation& representation) {
  constexpr double kLowestRank = 2, kHighestUniformity = -5e-4;
  if (representation.uniformity > kHighestUniformity || representation.rank == 0)
    return fmt::format("all faces have the same features (uniformity {:.5f})", representation.uniformity);
  if (representation.rank < kLowestRank)
    return fmt::format("the features differ in one direction only (effective rank {:.2f})", representation.rank);
  return "";
}

Json to_json(const Representation& representation) {
  Json result = {
      {"rank", representation.rank}, {"uniformity", representation.uniformity}, {"deviation", representation.deviation}};
  if (representation.neighbors) result["neighbors"] = *representation.neighbors;
  if (representation.probe) result["probe"] = *representation.probe;
  return result;
}

}  // namespace leaf
