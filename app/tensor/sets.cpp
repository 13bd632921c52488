#include "app/tensor/sets.h"

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/runs/run_folder.h"
#include "leaf/ssl/category.h"

namespace leaf::app {
namespace {

constexpr double kLeastCoverage = 0.01, kMostCoverage = 0.999;

/// The category level as the run in a folder had it, or as it is by default; a model of few classes has fewer positive ones.
CategoryOptions category_of(const std::string& run, int64_t classes, Console& console) {
  const RunFolder folder{run};
  auto options = std::filesystem::exists(folder.config()) ? run_config(folder).category : CategoryOptions();
  if (!std::filesystem::exists(folder.config()))
    console.on_note(fmt::format("{} is not the folder of a run: the category level has its defaults", printable(run)));
  options.max_positive = std::min(options.max_positive, classes - 1);
  return options;
}

double coverage_of(const std::string& wanted) {
  const auto coverage = to_number(wanted);
  if (!coverage || !(*coverage >= kLeastCoverage && *coverage <= kMostCoverage))
    fail_usage("--sets takes category, or a coverage from {} to {} such as 0.9, not \"{}\"", kLeastCoverage, kMostCoverage,
               printable(wanted));
  return *coverage;
}

}  // namespace

void tell_uncalibrated(const std::optional<ModelCalibration>& calibration, Console& console) {
  if (calibration) return;
  console.on_note(
      "the model has no calibration: its sets are made of its probabilities as they are, and may hold the right class less often "
      "than asked for");
}

ClassSet class_set(const std::string& wanted, const std::string& run, const Recognizer& recognizer, Console& console) {
  std::function<torch::Tensor(const torch::Tensor&)> sets;
  if (wanted == "category") {
    const auto options = category_of(run, static_cast<int64_t>(recognizer.classes().size()), console);
    sets = [options](const torch::Tensor& probabilities) { return ambiguous_labels(probabilities, options).positive; };
  } else {
    const double coverage = coverage_of(wanted);
    const auto calibration = recognizer.calibration();
    tell_uncalibrated(calibration, console);
    sets = [=](const torch::Tensor& probabilities) { return class_sets(probabilities, calibration, coverage); };
  }
  return [sets](const std::vector<float>& probabilities) {
    const auto row = sets(torch::tensor(probabilities).unsqueeze(0)).contiguous();
    std::vector<size_t> chosen;
    for (size_t c = 0; c < probabilities.size(); ++c) {
      if (row.data_ptr<bool>()[c]) chosen.push_back(c);
    }
    std::stable_sort(chosen.begin(), chosen.end(), [&](size_t a, size_t b) { return probabilities[a] > probabilities[b]; });
    return chosen;
  };
}

}  // namespace leaf::app
