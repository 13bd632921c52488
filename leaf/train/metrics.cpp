#include "leaf/train/metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "leaf/base/text.h"
#include "leaf/data/csv.h"

namespace leaf {
namespace {

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

ClassMetrics class_metrics(const std::vector<std::vector<int64_t>>& confusion, size_t c) {
  int64_t support = 0, predicted = 0;
  for (size_t other = 0; other < confusion.size(); ++other) {
    support += confusion[c][other];
    predicted += confusion[other][c];
  }
  const auto right = static_cast<double>(confusion[c][c]);
  const double precision = ratio(right, static_cast<double>(predicted)), recall = ratio(right, static_cast<double>(support));
  return {precision, recall, ratio(2 * precision * recall, precision + recall), support};
}

constexpr int64_t kBins = 15;

void measure_calibration(Metrics& metrics, const std::vector<int64_t>& labels, const std::vector<int64_t>& predicted,
                         const std::vector<double>& confidences) {
  metrics.reliability.resize(kBins);
  for (size_t i = 0; i < confidences.size(); ++i) {
    const auto place = static_cast<int64_t>(confidences[i] * kBins);
    auto& bin = metrics.reliability[std::clamp<int64_t>(place, 0, kBins - 1)];
    ++bin.faces;
    bin.confidence += confidences[i];
    bin.accuracy += labels[i] == predicted[i] ? 1 : 0;
  }
  for (auto& bin : metrics.reliability) {
    const auto faces = static_cast<double>(bin.faces);
    bin.confidence = ratio(bin.confidence, faces);
    bin.accuracy = ratio(bin.accuracy, faces);
    metrics.calibration_error += ratio(faces, static_cast<double>(metrics.faces)) * std::abs(bin.confidence - bin.accuracy);
  }
}

}  // namespace

int64_t Metrics::weakest() const {
  int64_t weakest = -1;
  for (size_t c = 0; c < per_class.size(); ++c) {
    if (per_class[c].support == 0) continue;
    if (weakest < 0 || per_class[c].recall < per_class[weakest].recall) weakest = static_cast<int64_t>(c);
  }
  return weakest;
}

Metrics measure(const std::vector<std::string>& classes, const std::vector<int64_t>& labels,
                const std::vector<int64_t>& predicted, const std::vector<double>& confidences) {
  if (labels.size() != predicted.size() || (!confidences.empty() && confidences.size() != labels.size()))
    throw std::logic_error("measure needs one prediction for each label");
  Metrics metrics;
  metrics.classes = classes;
  metrics.confusion.assign(classes.size(), std::vector<int64_t>(classes.size()));
  int64_t right = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    ++metrics.confusion.at(labels[i]).at(predicted[i]);
    right += labels[i] == predicted[i];
  }
  metrics.faces = static_cast<int64_t>(labels.size());
  metrics.accuracy = ratio(static_cast<double>(right), static_cast<double>(metrics.faces));
  double present = 0;
  for (size_t c = 0; c < classes.size(); ++c) {
    metrics.per_class.push_back(class_metrics(metrics.confusion, c));
    if (metrics.per_class[c].support == 0) continue;
    present += 1;
    metrics.balanced_accuracy += metrics.per_class[c].recall;
    metrics.macro_f1 += metrics.per_class[c].f1;
  }
  metrics.balanced_accuracy = ratio(metrics.balanced_accuracy, present);
  metrics.macro_f1 = ratio(metrics.macro_f1, present);
  if (!confidences.empty()) measure_calibration(metrics, labels, predicted, confidences);
  return metrics;
}

Json to_json(const Metrics& metrics) {
  Json per_class = Json::object();
  for (size_t c = 0; c < metrics.classes.size(); ++c) {
    const auto& own = metrics.per_class[c];
    per_class[metrics.classes[c]] = {
        {"precision", own.precision}, {"recall", own.recall}, {"f1", own.f1}, {"support", own.support}};
  }
  Json all = {{"faces", metrics.faces},
              {"accuracy", metrics.accuracy},
              {"balanced_accuracy", metrics.balanced_accuracy},
              {"macro_f1", metrics.macro_f1}};
  if (!metrics.reliability.empty()) all["calibration_error"] = metrics.calibration_error;
  all.update({{"classes", metrics.classes}, {"per_class", per_class}, {"confusion", metrics.confusion}});
  return all;
}

std::string confusion_csv(const Metrics& metrics) {
  std::string text = "true\\predicted";
  for (const auto& name : metrics.classes) text += "," + csv_field(name);
  text += "\n";
  for (size_t c = 0; c < metrics.classes.size(); ++c)
    text += fmt::format("{},{}\n", csv_field(metrics.classes[c]), fmt::join(metrics.confusion[c], ","));
  return text;
}

std::string classes_csv(const Metrics& metrics) {
  std::string text = "class,precision,recall,f1,support\n";
  for (size_t c = 0; c < metrics.classes.size(); ++c) {
    const auto& own = metrics.per_class[c];
    text += fmt::format("{},{:.6f},{:.6f},{:.6f},{}\n", csv_field(metrics.classes[c]), own.precision, own.recall, own.f1,
                        own.support);
  }
  return text;
}

std::string reliability_csv(const Metrics& metrics) {
  std::string text = "confidence,accuracy,faces\n";
  for (const auto& bin : metrics.reliability) text += fmt::format("{:.6f},{:.6f},{}\n", bin.confidence, bin.accuracy, bin.faces);
  return text;
}

std::string to_text(const Metrics& metrics) {
  size_t widest = 9;
  for (const auto& name : metrics.classes) widest = std::max(widest, printable(name).size());
  std::string text = fmt::format("accuracy {:.1f} %, balanced accuracy {:.1f} %, macro F1 {:.1f} % on {} faces\n",
                                 100 * metrics.accuracy, 100 * metrics.balanced_accuracy, 100 * metrics.macro_f1, metrics.faces);
  if (!metrics.reliability.empty())
    text +=
        fmt::format("its probabilities are {:.1f} points off (expected calibration error)\n", 100 * metrics.calibration_error);
  text += fmt::format("{:>{}}", "true \\ %", widest);
  for (const auto& name : metrics.classes) text += fmt::format(" {:>9}", printable(name));
  text += "   faces\n";
  for (size_t c = 0; c < metrics.classes.size(); ++c) {
    const auto support = metrics.per_class[c].support;
    text += fmt::format("{:>{}}", printable(metrics.classes[c]), widest);
    for (const auto count : metrics.confusion[c]) {
      text += support == 0 ? fmt::format(" {:>9}", "-")
                           : fmt::format(" {:>9.1f}", 100.0 * static_cast<double>(count) / static_cast<double>(support));
    }
    text += fmt::format(" {:>7}\n", support);
  }
  return text;
}

}  // namespace leaf
