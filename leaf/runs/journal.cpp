#include "leaf/runs/journal.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/train/representation.h"

namespace leaf {
namespace {

constexpr const char* kStopped = "stopped";  ///< the event that holds the sums of an interval that a stop has cut

/// The lines of a journal as JSON; a last line that a crash has cut is left out. Throws Damage that names a line that is none.
std::vector<Json> read_lines(const std::filesystem::path& path) {
  const auto text = read_file(path);
  std::vector<Json> entries;
  size_t number = 0;
  for (std::string_view rest = text; !rest.empty(); ++number) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) break;
    auto entry = parse_json(rest.substr(0, end));
    if (!entry.is_object() || !entry.value("step", Json()).is_number_integer())
      fail_damaged(path, "line {} is no object with a step: {}", number + 1,
                   printable(rest.substr(0, std::min<size_t>(end, 60))));
    entries.push_back(std::move(entry));
    rest.remove_prefix(end + 1);
  }
  return entries;
}

/// Keeps the lines of a journal up to a step, and takes out what it had summed when the run was stopped there.
Json keep_until(const std::filesystem::path& path, int64_t step) {
  if (!std::filesystem::exists(path)) return {};
  std::string kept;
  Json stopped;
  for (const auto& entry : read_lines(path)) {
    const auto at = entry.at("step").get<int64_t>();
    if (entry.value("event", Json()) == kStopped) {
      if (at == step) stopped = entry;
    } else if (at <= step) {
      kept += entry.dump() + "\n";
    }
  }
  write_file(path, kept);
  return stopped;
}

}  // namespace

Journal::Journal(const RunFolder& folder, int64_t first_step, int64_t interval, Observer& next)
    : ForwardingObserver(next), interval_(interval) {
  const auto stopped = keep_until(folder.metrics(), first_step);
  if (!stopped.is_null()) read_sums(stopped, folder.metrics());
  keep_until(folder.speed(), first_step);
  metrics_.emplace(folder.metrics());
  speed_.emplace(folder.speed());
}

void Journal::read_sums(const Json& stopped, const std::filesystem::path& path) {
  try {
    sums_.step = stopped.at("step").get<int64_t>();
    sums_.learning_rate = stopped.at("learning_rate").get<double>();
    for (const auto& [name, sum] : stopped.at("sums").items()) sums_.figures.emplace_back(name, sum.get<double>());
    summed_ = stopped.at("steps").get<int64_t>();
  } catch (const Json::exception&) {
    fail_damaged(path, "its last line should hold sums and a learning rate: {}", printable(stopped.dump()));
  }
}

void Journal::stop() {
  if (summed_ == 0) return;
  Json sums = Json::object();
  for (const auto& [name, sum] : sums_.figures) sums[name] = sum;
  write(*metrics_,
        {{"event", kStopped}, {"step", sums_.step}, {"steps", summed_}, {"learning_rate", sums_.learning_rate}, {"sums", sums}});
  write_speed();
}

void Journal::sync() {
  metrics_->sync();
  speed_->sync();
}

void Journal::write(LineFile& file, const Json& line) { file.append(line.dump()); }

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
  write(*metrics_, line);
  write_speed();
  summed_ = 0;
}

void Journal::write_speed() {
  if (sums_.seconds == 0) return;
  const double rate = static_cast<double>(sums_.views) / sums_.seconds;
  write(*speed_, {{"step", sums_.step}, {"seconds", sums_.seconds}, {"waiting", sums_.waiting}, {"views_per_second", rate}});
}

void Journal::on_epoch(const EpochReport& report) {
  flush();  // so that an interrupted and continued run has the same lines as one that was not
  write(*metrics_, {{"event", "epoch"},
                    {"step", report.step},
                    {"epoch", report.epoch},
                    {"best", report.best},
                    {"thresholds", report.thresholds},
                    {"validation", to_json(report.validation)}});
  next_.on_epoch(report);
}

void Journal::on_representation(const RepresentationReport& report) {
  flush();
  write(*metrics_,
        {{"event", "epoch"}, {"step", report.step}, {"epoch", report.epoch}, {"representation", to_json(report.representation)}});
  next_.on_representation(report);
}

Journaled read_journal(const RunFolder& folder, int64_t steps) {
  Journaled result;
  double sum = 0, count = 0;
  const auto path = folder.metrics();
  for (const auto& entry : read_lines(path)) {
    try {
      if (entry.at("event") == "epoch") {
        const auto& validation = entry.at("validation");
        result.validation_faces = validation.at("faces").get<int64_t>();
        if (result.validation_faces > 0) result.validation.push_back(validation.at("accuracy").get<double>());
      } else if (entry.contains("confident") && 4 * entry.at("step").get<int64_t>() > 3 * steps) {
        sum += entry.at("confident").get<double>();
        ++count;
      }
    } catch (const Json::exception&) {
      fail_damaged(path, "the line of step {} lacks a figure: {}", entry.at("step").dump(),
                   printable(entry.dump().substr(0, 60)));
    }
  }
  if (count > 0) result.confident = sum / count;
  return result;
}

}  // namespace leaf
