#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "leaf/runs/run_folder.h"
#include "leaf/train/observer.h"

namespace leaf {

constexpr int64_t kJournalInterval = 20;  ///< steps a line of metrics.jsonl stands for

/// Writes what happens into metrics.jsonl (a function of configuration and seed alone) and speed.jsonl (times), one JSON
/// object a line, and passes everything on to another observer.
class Journal : public ForwardingObserver {
 public:
  /// Continues after `first_step` steps: later lines of an interrupted run are removed. A line is written every `interval` steps.
  Journal(const RunFolder& folder, int64_t first_step, int64_t interval, Observer& next);

  void on_step(const StepReport& report) override;
  void on_epoch(const EpochReport& report) override;
  void on_representation(const RepresentationReport& report) override;

 private:
  void flush();
  void write(std::ofstream& stream, const std::filesystem::path& path, const Json& line);

  const RunFolder folder_;
  const int64_t interval_;
  std::ofstream metrics_, speed_;
  StepReport sums_;  ///< of the steps since the last line
  int64_t summed_ = 0;
};

/// What a journal says of a run of training.
struct Journaled {
  std::vector<double> validation;  ///< accuracy after each epoch, in [0, 1]; empty without validation faces
  int64_t validation_faces = 0;
  std::optional<double> confident;  ///< mean share of confident unlabeled faces in the last quarter of the steps
};
/// Reads metrics.jsonl of a run of `steps` steps.
Journaled read_journal(const RunFolder& folder, int64_t steps);

}  // namespace leaf
