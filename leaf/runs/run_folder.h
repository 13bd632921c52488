#pragma once

#include <filesystem>

#include "leaf/config/config.h"

namespace leaf {

/// Where a run keeps its files (docs/formats.md):
///
///     config.toml  split.json  weights.json  known.json  metrics.jsonl  speed.jsonl  broken.csv  model.safetensors
///     checkpoints/last.safetensors   test/{report.json,confusion.csv,classes.csv,confusion.png}
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
  std::filesystem::path report() const { return root / "test" / "report.json"; }
  /// Whether the run in it came to its end.
  bool finished() const { return std::filesystem::exists(config()) && std::filesystem::exists(report()); }
  RunFolder baseline() const { return {root / "baseline"}; }
  RunFolder pretraining() const { return {root / "pretraining"}; }

  /// Throws Error where create() would.
  void check(bool force) const;
  /// Makes the folders of a new run. Throws Error when there already are files (beside a baseline and a pretraining) and `force`
  /// is not set; with `force` the files of the earlier run, and only those, are removed.
  void create(bool force) const;
};

/// The configuration that a run folder keeps. Throws Error when it keeps none.
Config run_config(const RunFolder& folder);
/// The same with the faces that the run had: data.split_file is its split.json.
Config continued_config(const RunFolder& folder);

}  // namespace leaf
