#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "leaf/base/bytes.h"
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

  /// All lines are on the disk when it returns: a checkpoint stands on them.
  void sync();
  /// The same for a run that stops between two lines: what was summed is kept, so that a run that goes on has the lines of one
  /// that was never stopped.
  void stop();

 private:
  void flush();
  void write(LineFile& file, const Json& line);
  void write_speed();
  void read_sums(const Json& stopped, const std::filesystem::path& path);

  const int64_t interval_;
  std::optional<LineFile> metrics_, speed_;
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
