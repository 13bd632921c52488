#include "leaf/recognize/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "leaf/base/error.h"

namespace leaf {
namespace {

constexpr int64_t kVersion = 1, kMostScores = 1000;
constexpr double kPriorPrecision = 2, kLeastSlope = 0.1, kMostSlope = 10;  ///< of 1 / temperature
constexpr double kFine = 1e6;                                              ///< scores are kept to a millionth, rounded up
constexpr int kHalvings = 60;

/// ⌈(n + 1) · share⌉, where rounding errors of the product do not count.
int64_t rank_of(int64_t n, double share) { return static_cast<int64_t>(std::ceil(static_cast<double>(n + 1) * share - 1e-9)); }

/// Of more scores than are kept, those whose ranks promise no less than the ranks of all.
std::vector<double> thinned(const std::vector<double>& scores) {
  if (std::ssize(scores) <= kMostScores) return scores;
  std::vector<double> kept;
  for (int64_t k = 1; k <= kMostScores; ++k)
    kept.push_back(scores[rank_of(std::ssize(scores), static_cast<double>(k) / (kMostScores + 1)) - 1]);
  return kept;
}

bool is_calibration(const Json& json) {
  const auto is_number = [&](const char* key) { return json.contains(key) && json.at(key).is_number(); };
  if (!json.is_object() || !is_number("temperature") || !is_number("faces") || !json.value("fitted_on", Json()).is_string())
    return false;
  const auto scores = json.value("scores", Json());
  const auto temperature = json.at("temperature").get<double>();
  return scores.is_array() && std::ssize(scores) <= kMostScores && json.at("faces").is_number_integer() &&
         std::all_of(scores.begin(), scores.end(), [](const Json& score) { return score.is_number(); }) &&
         std::is_sorted(scores.begin(), scores.end(),
                        [](const Json& a, const Json& b) { return a.get<double>() < b.get<double>(); }) &&
         temperature >= 1 / kMostSlope && temperature <= 1 / kLeastSlope;
}

}  // namespace

/// The derivative by 1 / temperature grows, so its zero is halved in.
double fit_temperature(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::NoGradGuard no_gradient;
  if (labels.size(0) == 0) return 1;
  const auto x = logits.to(torch::kFloat64);
  const double right = x.gather(1, labels.unsqueeze(1)).sum().item<double>();
  double low = kLeastSlope, high = kMostSlope;
  for (int i = 0; i < kHalvings; ++i) {
    const double slope = std::sqrt(low * high);
    const double expected = ((x * slope).softmax(1) * x).sum().item<double>();
    (expected - right + kPriorPrecision * (slope - 1) > 0 ? high : low) = slope;
  }
  return std::clamp(1 / low, 1 / kMostSlope, 1 / kLeastSlope);
}

torch::Tensor conformal_scores(const torch::Tensor& probabilities) { return 1 - probabilities.to(torch::kFloat64); }

ModelCalibration fit_calibration(const torch::Tensor& logits, const torch::Tensor& labels, const std::string& fitted_on) {
  const torch::NoGradGuard no_gradient;
  ModelCalibration calibration{.temperature = fit_temperature(logits, labels), .fitted_on = fitted_on, .faces = labels.size(0)};
  const auto all = conformal_scores((logits.to(torch::kFloat64) / calibration.temperature).softmax(1));
  const auto right = all.gather(1, labels.unsqueeze(1)).flatten().contiguous();
  std::vector<double> scores(right.data_ptr<double>(), right.data_ptr<double>() + right.numel());
  for (double& score : scores) score = std::ceil(score * kFine) / kFine;
  std::sort(scores.begin(), scores.end());
  calibration.scores = thinned(scores);
  return calibration;
}

double score_limit(const ModelCalibration& calibration, double coverage) {
  const auto n = std::ssize(calibration.scores), rank = rank_of(n, coverage);
  if (rank > n) return std::numeric_limits<double>::infinity();
  return calibration.scores[std::max<int64_t>(rank, 1) - 1];
}

torch::Tensor class_sets(const torch::Tensor& probabilities, const std::optional<ModelCalibration>& calibration,
                         double coverage) {
  const torch::NoGradGuard no_gradient;
  torch::Tensor sets;
  if (calibration) {
    sets = conformal_scores(probabilities) <= score_limit(*calibration, coverage);
  } else {
    const auto [sorted, order] = probabilities.to(torch::kFloat64).sort(1, /*descending=*/true);
    sets = torch::zeros_like(probabilities, torch::kBool).scatter(1, order, sorted.cumsum(1) - sorted < coverage);
  }
  return sets.scatter(1, probabilities.argmax(1, /*keepdim=*/true), true);
}

SetMetrics measure_sets(const torch::Tensor& sets, const torch::Tensor& labels, double coverage) {
  SetMetrics metrics{.asked = coverage};
  if (labels.size(0) == 0) return metrics;
  const auto ones = sets.to(torch::kFloat64);
  metrics.coverage = ones.gather(1, labels.unsqueeze(1)).mean().item<double>();
  metrics.mean_size = ones.sum(1).mean().item<double>();
  return metrics;
}

Json to_json(const SetMetrics& metrics) {
  return {{"asked", metrics.asked}, {"coverage", metrics.coverage}, {"mean_size", metrics.mean_size}};
}

Json to_json(const ModelCalibration& calibration) {
  return {{"version", kVersion},
          {"temperature", calibration.temperature},
          {"fitted_on", calibration.fitted_on},
          {"faces", calibration.faces},
          {"scores", calibration.scores}};
}

ModelCalibration read_calibration(const Json& json, const std::string& name) {
  const auto version = json.is_object() ? json.value("version", Json()) : Json();
  if (version.is_number_integer() && version != kVersion)
    fail("{} has a calibration of version {}, but this LEAF reads version {}; use a newer LEAF", name, version.dump(), kVersion);
  if (version != kVersion || !is_calibration(json)) {
    fail(
        "{} is damaged: its \"calibration\" should have a temperature from {} to {}, at most {} ascending scores, \"faces\" and "
        "\"fitted_on\"",
        name, 1 / kMostSlope, 1 / kLeastSlope, kMostScores);
  }
  return {.temperature = json.at("temperature").get<double>(),
          .scores = json.at("scores").get<std::vector<double>>(),
          .fitted_on = json.at("fitted_on").get<std::string>(),
          .faces = json.at("faces").get<int64_t>()};
}

}  // namespace leaf
