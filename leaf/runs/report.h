#pragma once

#include <filesystem>
#include <optional>

#include "leaf/data/dataset.h"
#include "leaf/recognize/model_file.h"
#include "leaf/train/metrics.h"
#include "leaf/train/observer.h"

namespace leaf {

/// What a model's calibration is worth on faces with labels.
struct CalibrationWorth {
  ModelCalibration calibration;
  double uncalibrated_error = 0;  ///< the expected calibration error without the temperature
};

/// What a model is worth on faces with labels.
struct Tested {
  Metrics metrics;  ///< of calibrated probabilities, where the model has a temperature
  std::optional<CalibrationWorth> calibration{};
  std::optional<SetMetrics> sets{};
};

/// Measures a model, and sets at `coverage`: where none is given, at the usual one if the model is calibrated. Needs at least one
/// face, else throws Error.
Tested test_model(ModelFile& file, const Pool& pool, torch::Device device, Observer* observer = nullptr,
                  std::optional<double> coverage = std::nullopt);

/// Temperature, what it was fitted on, and its worth.
Json to_json(const CalibrationWorth& worth);
/// All of it for people.
std::string to_text(const Tested& tested);

/// Writes what was measured into a folder, which is made when it is not there: confusion.csv, classes.csv, confusion.png (none of
/// these where no face was tested on), and at last report.json with the given content. Throws Error.
void write_report(const std::filesystem::path& folder, const Metrics& metrics, const Json& content);

}  // namespace leaf
