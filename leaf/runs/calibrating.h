#pragma once

#include <optional>

#include "leaf/recognize/model_file.h"
#include "leaf/runs/cross_fit.h"
#include "leaf/runs/run_folder.h"

namespace leaf {

/// How far the probabilities of a run's finished model can be believed. Labels that the run learned cannot tell; it is found out
/// by the validation faces where `data.validation_source` names some, else within the label budget by networks that learn a part
/// of the labels for a short time (cross_fit_labels): they are weaker than the finished model, so the temperature is rather too
/// high and sets are rather too large. Nothing where it was not asked for (`train.calibrate`) or cannot be, which the observer is
/// told. Throws Stopped where a signal came meanwhile.
std::optional<ModelCalibration> calibrate_run(const ResolvedConfig& config, const Pools& pools, Model& finished,
                                              const RunFolder& folder, const BeginSession& begin, Observer& observer);

}  // namespace leaf
