#include "leaf/train/evaluate.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/batches/loader.h"

namespace leaf {
namespace {

constexpr int64_t kEvaluationBatch = 128;

std::vector<int64_t> list_of(const torch::Tensor& values) {
  return {values.data_ptr<int64_t>(), values.data_ptr<int64_t>() + values.numel()};
}

}  // namespace

Predictions predict(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer) {
  const torch::NoGradGuard no_gradient;
  model->eval();
  std::vector<torch::Tensor> logits, unshifted, features;
  for (int64_t begin = 0; begin < pool.size(); begin += kEvaluationBatch) {
    const int64_t end = std::min(begin + kEvaluationBatch, pool.size());
    const auto output = model->forward(plain_views(pool, begin, end, views).to(device));
    logits.push_back(output.logits.cpu());
    unshifted.push_back(output.unshifted.cpu());
    features.push_back(output.features.cpu());
    if (observer != nullptr) observer->on_progress("evaluating", end, pool.size());
  }
  if (logits.empty()) fail("there is no face to evaluate");
  return {.logits = torch::cat(logits),
          .labels = torch::tensor(labels_of(pool)),
          .unshifted = torch::cat(unshifted),
          .features = torch::cat(features)};
}

Metrics measured(const Pool& pool, const Predictions& predictions, double temperature) {
  const auto classes = predictions.logits.argmax(1).contiguous();
  const auto probabilities = (predictions.logits.to(torch::kFloat64) / temperature).softmax(1);
  const auto sure = probabilities.gather(1, classes.unsqueeze(1)).flatten().contiguous();
  return measure(pool.dataset->classes, list_of(predictions.labels), list_of(classes),
                 {sure.data_ptr<double>(), sure.data_ptr<double>() + sure.numel()});
}

Metrics evaluate(Model& model, const Pool& pool, const ViewOptions& views, torch::Device device, Observer* observer) {
  return measured(pool, predict(model, pool, views, device, observer));
}

}  // namespace leaf
