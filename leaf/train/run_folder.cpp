#include "leaf/train/run_folder.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/train/representation.h"

namespace leaf {
namespace {

/// Keeps the lines of a journal up to a step; a line that was cut by a crash goes too.
void keep_until(const std::filesystem::path& path, int64_t step) {
  std::string kept;
  if (std::filesystem::exists(path)) {
    std::istringstream lines(read_file(path));
    for (std::string line; std::getline(lines, line);) {
      const auto entry = Json::parse(line, nullptr, false);
      if (entry.is_object() && entry.value("step", int64_t{0}) <= step) kept += line + "\n";
    }
  }
  write_file(path, kept);
}

std::ofstream open_journal(const std::filesystem::path& path, int64_t step) {
  keep_until(path, step);
  std::ofstream stream(path, std::ios::app);
  if (!stream) fail("cannot write {}; check the permissions", path.string());
  return stream;
}

/// Whether there is anything but a baseline and a pretraining.
bool is_occupied(const RunFolder& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (!fs::is_directory(folder.root, code)) return fs::exists(folder.root, code);
  return std::any_of(fs::directory_iterator(folder.root, code), fs::directory_iterator(), [&](const fs::directory_entry& entry) {
    const auto name = entry.path().filename();
    return name != folder.baseline().root.filename() && name != folder.pretraining().root.filename();
  });
}

}  // namespace

void RunFolder::check(bool force) const {
  if (!is_occupied(*this)) return;
  if (!force) {
    fail("{} exists already; choose another folder with --output, continue it with --resume, or replace it with --force",
         root.string());
  }
  if (!std::filesystem::exists(config()))
    fail("{} is not the folder of a run, so --force does not touch it; choose another one", root.string());
}

void RunFolder::create(bool force) const {
  check(force);
  if (is_occupied(*this)) {
    for (const auto& file : {config(), split(), weights(), metrics(), speed(), broken(), model()}) std::filesystem::remove(file);
    std::filesystem::remove_all(root / "checkpoints");
    std::filesystem::remove_all(root / "test");
  }
  make_folder(root / "checkpoints");
}

Journal::Journal(const RunFolder& folder, int64_t first_step, int64_t interval, Observer& next)
    : folder_(folder),
      interval_(interval),
      next_(next),
      metrics_(open_journal(folder.metrics(), first_step)),
      speed_(open_journal(folder.speed(), first_step)) {}

void Journal::write(std::ofstream& stream, const std::filesystem::path& path, const Json& line) {
  stream << line.dump() << std::endl;
  if (!stream) fail("cannot write {}; is the disk full?", path.string());
}

void Journal::on_note(const std::string& text) { next_.on_note(text); }

void Journal::on_progress(const std::string& what, int64_t done, int64_t total) { next_.on_progress(what, done, total); }

void Journal::on_start(const RunStart& start) { next_.on_start(start); }

void Journal::on_step(const StepReport& report) {
  if (report.figures.size() != sums_.figures.size()) flush();  // the first step with unlabeled faces
  if (summed_ == 0) {
    sums_ = report;
  } else {
    for (size_t i = 0; i < report.figures.size(); ++i) sums_.figures.at(i).second += report.figures[i].second;
    sums_.views += report.views;
    sums_.seconds += report.seconds;
    sums_.waiting += report.waiting;
    sums_.step = report.step;
    sums_.learning_rate = report.learning_rate;
  }
  ++summed_;
  if (report.step % interval_ == 0) flush();
  next_.on_step(report);
}

void Journal::flush() {
  if (summed_ == 0) return;
  Json line = {{"event", "steps"}, {"step", sums_.step}, {"learning_rate", sums_.learning_rate}};
  for (const auto& [name, sum] : sums_.figures) line[name] = sum / static_cast<double>(summed_);
  write(metrics_, folder_.metrics(), line);
  const double rate = static_cast<double>(sums_.views) / sums_.seconds;
  write(speed_, folder_.speed(),
        {{"step", sums_.step}, {"seconds", sums_.seconds}, {"waiting", sums_.waiting}, {"views_per_second", rate}});
  summed_ = 0;
}

void Journal::on_epoch(const EpochReport& report) {
  flush();  // so that an interrupted and continued run has the same lines as one that was not
  write(metrics_, folder_.metrics(),
        {{"event", "epoch"},
         {"step", report.step},
         {"epoch", report.epoch},
         {"best", report.best},
         {"thresholds", report.thresholds},
         {"validation", to_json(report.validation)}});
  next_.on_epoch(report);
}

void Journal::on_representation(const RepresentationReport& report) {
  flush();
  write(metrics_, folder_.metrics(),
        {{"event", "epoch"}, {"step", report.step}, {"epoch", report.epoch}, {"representation", to_json(report.representation)}});
  next_.on_representation(report);
}

}  // namespace leaf
