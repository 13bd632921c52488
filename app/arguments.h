#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace leaf::app {

/// Which words were given on the command line; what they mean is decided by the commands.

/// A run's configuration: a file, shortcuts for frequent options, and `--set` for all of them.
struct ConfigArguments {
  std::string source, method, config_file, levels;
  std::vector<std::string> assignments;                        ///< "key=value"
  std::vector<std::pair<std::string, std::string>> shortcuts;  ///< option key and text, in the order given
};

struct TrainArguments {
  ConfigArguments config;
  std::string output, resume;
  int64_t pretrain = 0;  ///< steps of pretraining before it; 0 = none
  bool force = false, print_config = false, baseline = false;
};

struct PretrainArguments {
  ConfigArguments config;
  std::string output, resume;
  bool force = false, print_config = false;
};

struct DemoArguments {
  int64_t seed = 0, faces = 6000, labels_per_class = 10, steps = 0, threads = 0;
  std::string output = "runs/demo", format = "text";
  bool force = false;
};

struct SplitArguments {
  ConfigArguments config;
  std::string output;
  bool force = false;
};

struct EvaluateArguments {
  std::string run, source, part = "test", classes = "all", precision, format = "text", output;
  double coverage = 0;  ///< of sets; 0 = not asked for
  bool force = false;
};

/// How faces are found in photos.
struct FinderArguments {
  std::string detector, look;  ///< look: a list of sizes; empty = the default
  double score = 0;            ///< 0 = the default
  bool largest = false;
};

struct PredictArguments {
  std::string run, precision, format = "text", output, faces, overlay, explain, sets;
  FinderArguments finder;
  double smoothing = 0.6;
  std::vector<std::string> paths;
  bool force = false;
};

struct PrepareArguments {
  std::vector<std::string> paths;
  std::string output, format = "text";
  FinderArguments finder;
  int64_t size = 128;
  double margin = 0;
  int64_t every = 1;  ///< of a video's frames one in so many
  bool force = false;
};

/// A grid of training runs, or the time of a training step or of prediction.
struct BenchArguments {
  ConfigArguments config;
  std::vector<std::string> sources;
  std::string algorithms, labels, seeds;  ///< lists, separated by commas
  std::vector<std::string> ablation;      ///< the studies' names, where any are given
  std::string output, format = "text";
  int64_t jobs = 1, batch = 64;
  std::string precision;  ///< of prediction
  bool step = false, speed = false, growth = false, prediction = false, ablate = false, dry_run = false, force = false;
  int64_t worker = 0;  ///< in one of the processes that --jobs starts: the number of the process that started it
};

struct ExportArguments {
  std::string run, format, output;
  bool force = false;
};

struct ImportArguments {
  std::string file, output, backbone, format = "text";
  bool any = false, force = false;
};

struct InspectArguments {
  std::string file, format = "text";
};

/// One command line.
struct Arguments {
  std::string command;  ///< "train"
  TrainArguments train;
  PretrainArguments pretrain;
  DemoArguments demo;
  SplitArguments split;
  EvaluateArguments evaluate;
  PredictArguments predict;
  PrepareArguments prepare;
  BenchArguments bench;
  ExportArguments exporting;  ///< `export` is a word of C++
  ImportArguments import;
  InspectArguments inspect;
  std::string format = "text";  ///< of datasets, algorithms, doctor and options
  std::string name;             ///< the algorithm that `leaf algorithms` explains, or empty

  /// Whether the command works with tensors, so that libtorch has to be loaded.
  bool needs_tensors() const;
};

/// Declares every command on `app`; parsing fills `arguments`, which must stay where it is.
void declare(CLI::App& app, Arguments& arguments);

}  // namespace leaf::app
