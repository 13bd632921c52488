#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/tensor/console.h"
#include "leaf/recognize/recognizer.h"

namespace leaf::app {

/// From the probabilities of a face, [C], to the classes that it may show, the likeliest first.
using ClassSet = std::function<std::vector<size_t>(const std::vector<float>&)>;

/// What `--sets` asks for: "category", the positive classes by the category level of the run, or a coverage. Throws UsageError.
ClassSet class_set(const std::string& wanted, const std::string& run, const Recognizer& recognizer, Console& console);

/// Says that sets at a coverage promise nothing where the model has no calibration.
void tell_uncalibrated(const std::optional<ModelCalibration>& calibration, Console& console);

}  // namespace leaf::app
