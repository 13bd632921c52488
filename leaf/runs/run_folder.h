#pragma once

#include <filesystem>
#include <memory>

#include "leaf/base/claim.h"
#include "leaf/config/config.h"

namespace leaf {

/// Where a run keeps its files (docs/formats.md):
///
///     config.toml  split.json  weights.json  known.json  metrics.jsonl  speed.jsonl  broken.csv  model.safetensors
///     checkpoints/{last,previous}.safetensors   test/{report.json,confusion.csv,classes.csv,confusion.png}
///     lock                           while a process works on it, or when it was killed
///     baseline/ pretraining/         runs of their own (beside.h), only where they were asked for
struct RunFolder {
  std::filesystem::path root;

  std::filesystem::path config() const { return root / "config.toml"; }
  std::filesystem::path split() const { return root / "split.json"; }
  std::filesystem::path weights() const { return root / "weights.json"; }
  std::filesystem::path known() const { return root / "known.json"; }
  std::filesystem::path metrics() const { return root / "metrics.jsonl"; }
  std::filesystem::path speed() const { return root / "speed.jsonl"; }
  std::filesystem::path broken() const { return root / "broken.csv"; }
  std::filesystem::path model() const { return root / "model.safetensors"; }
  std::filesystem::path last() const { return root / "checkpoints" / "last.safetensors"; }
  std::filesystem::path previous() const { return root / "checkpoints" / "previous.safetensors"; }
  std::filesystem::path lock() const { return root / "lock"; }
  std::filesystem::path report() const { return root / "test" / "report.json"; }
  /// Whether the run in it came to its end.
  bool finished() const { return std::filesystem::exists(config()) && std::filesystem::exists(report()); }
  RunFolder baseline() const { return {root / "baseline"}; }
  RunFolder pretraining() const { return {root / "pretraining"}; }

  /// Throws Error where create() would: when there already are files (beside a baseline and a pretraining) and `force` is not
  /// set, or the files there are not those of a run. What a process left that was killed before its run began is no file.
  void check(bool force) const;
  /// Makes the folder of a new run and its config.toml, with `toml`; the files of an earlier run, and only those, are removed
  /// when `force` is set. At every instant the folder holds a run that can be continued, or none and can be begun.
  void create(const std::string& toml, bool force) const;
};

/// The right of this process to change what is in a run's folder. Whoever has it finds no half-written files of processes that
/// were killed. What was made for a run that did not begin goes with it.
class RunOwner {
 public:
  /// Makes the folder when it is missing. Throws Error that names the process that has it.
  explicit RunOwner(const RunFolder& folder);
  ~RunOwner();
  RunOwner(const RunOwner&) = delete;
  RunOwner& operator=(const RunOwner&) = delete;

 private:
  const RunFolder folder_;
  const Claim claim_;
};

/// The owner of a folder, the same for all who ask in this process as long as one of them keeps it.
std::shared_ptr<const RunOwner> own(const RunFolder& folder);
/// The same where a run has begun. Throws Error where none has.
std::shared_ptr<const RunOwner> own_begun(const RunFolder& folder);

/// The configuration that a run folder keeps. Throws Error when it keeps none.
Config run_config(const RunFolder& folder);
/// The same with the faces that the run had: data.split_file is its split.json.
Config continued_config(const RunFolder& folder);

}  // namespace leaf
