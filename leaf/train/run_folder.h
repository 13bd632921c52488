#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "leaf/base/options.h"
#include "leaf/train/observer.h"

namespace leaf {

/// Where a run keeps its files (docs/formats.md):
///
///     config.toml  split.json  weights.json  metrics.jsonl  speed.jsonl  broken.csv  model.safetensors
///     checkpoints/last.safetensors   test/{report.json,confusion.csv,classes.csv,confusion.png}
///     baseline/ pretraining/         runs of their own (baseline.h, pretrain.h), only where they were asked for
struct RunFolder {
  std::filesystem::path root;

  std::filesystem::path config() const { return root / "config.toml"; }
  std::filesystem::path split() const { return root / "split.json"; }
  std::filesystem::path weights() const { return root / "weights.json"; }
  std::filesystem::path metrics() const { return root / "metrics.jsonl"; }
  std::filesystem::path speed() const { return root / "speed.jsonl"; }
  std::filesystem::path broken() const { return root / "broken.csv"; }
  std::filesystem::path model() const { return root / "model.safetensors"; }
  std::filesystem::path last() const { return root / "checkpoints" / "last.safetensors"; }
  std::filesystem::path report() const { return root / "test" / "report.json"; }
  RunFolder baseline() const { return {root / "baseline"}; }
  RunFolder pretraining() const { return {root / "pretraining"}; }

  /// Throws Error where create() would.
  void check(bool force) const;
  /// Makes the folders of a new run. Throws Error when there already are files (beside a baseline and a pretraining) and `force`
  /// is not set; with `force` the files of the earlier run, and only those, are removed.
  void create(bool force) const;
};

/// Writes what happens into metrics.jsonl (a function of configuration and seed alone) and speed.jsonl (times), one JSON
/// object a line, and passes everything on to another observer.
class Journal : public Observer {
 public:
  /// Continues after `first_step` steps: later lines of an interrupted run are removed. A line is written every `interval` steps.
  Journal(const RunFolder& folder, int64_t first_step, int64_t interval, Observer& next);

  void on_note(const std::string& text) override;
  void on_progress(const std::string& what, int64_t done, int64_t total) override;
  void on_start(const RunStart& start) override;
  void on_step(const StepReport& report) override;
  void on_epoch(const EpochReport& report) override;
  void on_representation(const RepresentationReport& report) override;

 private:
  void flush();
  void write(std::ofstream& stream, const std::filesystem::path& path, const Json& line);

  const RunFolder folder_;
  const int64_t interval_;
  Observer& next_;
  std::ofstream metrics_, speed_;
  StepReport sums_;  ///< of the steps since the last line
  int64_t summed_ = 0;
};

}  // namespace leaf
