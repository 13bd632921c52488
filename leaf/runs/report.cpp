#include "leaf/runs/report.h"

#include "leaf/base/bytes.h"
#include "leaf/pictures/charts/canvas.h"
#include "leaf/pictures/charts/chart.h"
#include "leaf/pictures/codec.h"
#include "leaf/train/evaluate.h"

namespace leaf {
namespace {

/// How often the model is right where it is so sure, beside how often it should be.
Image reliability_picture(const Metrics& metrics) {
  LineChart chart{fmt::format("expected calibration error {:.1f} %", 100 * metrics.calibration_error),
                  "probability of the likeliest class",
                  "share of right answers",
                  {},
                  false,
                  true};
  Series model{"the model", {}, {}, {}};
  for (const auto& bin : metrics.reliability) {
    if (bin.faces == 0) continue;
    model.x.push_back(bin.confidence);
    model.y.push_back(bin.accuracy);
  }
  chart.series = {{"as it should be", {0, 1}, {0, 1}, {}}, model};
  return line_chart(chart);
}

}  // namespace

Tested test_model(ModelFile& file, const Pool& pool, torch::Device device, Observer* observer, std::optional<double> coverage) {
  const auto said = predict(file.model, pool, file.views, device, observer);
  Tested tested{measured(pool, said, file.temperature())};
  if (file.calibration)
    tested.calibration = {.calibration = *file.calibration, .uncalibrated_error = measured(pool, said).calibration_error};
  if (file.calibration || coverage) {
    const double asked = coverage.value_or(kUsualCoverage);
    tested.sets = measure_sets(class_sets(file.probabilities(said.logits), file.calibration, asked), said.labels, asked);
  }
  return tested;
}

Json to_json(const CalibrationWorth& worth) {
  return {{"temperature", worth.calibration.temperature},
          {"fitted_on", worth.calibration.fitted_on},
          {"faces", worth.calibration.faces},
          {"uncalibrated_error", worth.uncalibrated_error}};
}

std::string to_text(const Tested& tested) {
  auto text = to_text(tested.metrics);
  if (tested.calibration) {
    const auto& calibration = tested.calibration->calibration;
    text += fmt::format("temperature {:.2f}, fitted on {} {}; without it the probabilities are {:.1f} points off\n",
                        calibration.temperature, calibration.faces,
                        calibration.fitted_on == "folds" ? "labeled faces, held out from short runs" : "validation faces",
                        100 * tested.calibration->uncalibrated_error);
  }
  if (tested.sets)
    text += fmt::format(
        "sets of classes at a coverage of {:.1f} % hold the right one of {:.1f} % of the faces, {:.2f} classes each\n",
        100 * tested.sets->asked, 100 * tested.sets->coverage, tested.sets->mean_size);
  return text;
}

void write_report(const std::filesystem::path& folder, const Metrics& metrics, const Json& content) {
  make_folder(folder);
  if (metrics.faces > 0) {
    write_file(folder / "confusion.csv", confusion_csv(metrics));
    write_file(folder / "classes.csv", classes_csv(metrics));
    const auto title = fmt::format("accuracy {:.1f} % on {} faces", 100 * metrics.accuracy, metrics.faces);
    write_file(folder / "reliability.csv", reliability_csv(metrics));
    if (can_draw()) {
      write_png(folder / "confusion.png", confusion_picture(metrics.classes, metrics.confusion, title));
      write_png(folder / "reliability.png", reliability_picture(metrics));
    }
  }
  write_file(folder / "report.json", json_text(content));
}

}  // namespace leaf
