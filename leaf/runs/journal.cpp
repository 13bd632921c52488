#include "leaf/runs/journal.h"

#include <sstream>

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

}  // namespace

Journal::Journal(const RunFolder& folder, int64_t first_step, int64_t interval, Observer& next)
    : ForwardingObserver(next),
      folder_(folder),
      interval_(interval),
      metrics_(open_journal(folder.metrics(), first_step)),
      speed_(open_journal(folder.speed(), first_step)) {}

void Journal::write(std::ofstream& stream, const std::filesystem::path& path, const Json& line) {
  stream << line.dump() << std::endl;
  if (!stream) fail("cannot write {}; is the disk full?", path.string());
}

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

Journaled read_journal(const RunFolder& folder, int64_t steps) {
  Journaled result;
  double sum = 0, count = 0;
  std::istringstream lines(read_file(folder.metrics()));
  for (std::string line; std::getline(lines, line);) {
    const auto entry = Json::parse(line);
    if (entry.at("event") == "epoch") {
      const auto& validation = entry.at("validation");
      result.validation_faces = validation.at("faces").get<int64_t>();
      if (result.validation_faces > 0) result.validation.push_back(validation.at("accuracy").get<double>());
    } else if (entry.contains("confident") && 4 * entry.at("step").get<int64_t>() > 3 * steps) {
      sum += entry.at("confident").get<double>();
      ++count;
    }
  }
  if (count > 0) result.confident = sum / count;
  return result;
}

}  // namespace leaf
