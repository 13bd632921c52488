#include "leaf/runs/calibrating.h"

#include <filesystem>

#include "leaf/base/stop.h"
#include "leaf/train/evaluate.h"

namespace leaf {

std::optional<ModelCalibration> calibrate_run(const ResolvedConfig& config, const Pools& pools, Model& finished,
                                              const RunFolder& folder, const BeginSession& begin, Observer& observer) {
  if (!config->train.calibrate) return std::nullopt;
  if (!config->data.validation_source.empty() && pools.validation.size() > 0) {
    const auto device = finished->parameters().front().device();
    const auto judged = predict(finished, pools.validation, config->views, device);
    return fit_calibration(judged.logits, judged.labels, "validation");
  }
  if (const auto& weights = config->model.weights; !weights.empty() && !std::filesystem::exists(weights)) {
    observer.on_note(fmt::format("not calibrated: the weights that the run began with, {}, are no longer there", weights));
    return std::nullopt;
  }
  const auto fit = cross_fit_labels(config, pools, begin, observer);
  if (const int signal = StopSignals::asked(); signal != 0)
    throw Stopped(signal,
                  fmt::format("stopped while the finished model was calibrated; go on with --resume {}", folder.root.string()));
  if (fit.labels.size(0) == 0) {
    observer.on_note("not calibrated: the run has too few steps or labels to hold any out");
    return std::nullopt;
  }
  return fit_calibration(fit.held_out, fit.labels, "folds");
}

}  // namespace leaf
