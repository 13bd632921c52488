#include "app/tensor/console.h"

#include <fmt/format.h>

#include <algorithm>

#include "leaf/base/terminal.h"

namespace leaf::app {
namespace {

std::string bar(int64_t done, int64_t total, int width) {
  const int full = total > 0 ? static_cast<int>(done * width / total) : width;
  std::string text;
  for (int i = 0; i < width; ++i) text += i < full ? "━" : "┄";
  return text;
}

}  // namespace

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

Console::Console(std::string name, bool quiet)
    : name_(name.empty() ? "" : name + "  "), quiet_(quiet), terminal_(draws_lines()) {}

Console::~Console() {
  if (drawn_) clear_line();
}

void Console::draw(const std::string& line) {
  if (!terminal_) return print(line);
  draw_line(name_ + line);
  drawn_ = true;
}

void Console::print(const std::string& line) {
  if (drawn_) clear_line();
  drawn_ = false;
  remark("{}{}\n", name_, line);
}

bool Console::due(double terminal_seconds, double plain_seconds) {
  const auto now = Clock::now();
  const double wait = terminal_ ? terminal_seconds : plain_seconds;
  if (std::chrono::duration<double>(now - shown_).count() < wait) return false;
  shown_ = now;
  return true;
}

void Console::on_note(const std::string& text) { print(text); }

void Console::on_progress(const std::string& what, int64_t done, int64_t total) {
  if (quiet_ || !due(0.1, 10)) return;
  draw(terminal_ ? fmt::format("{} {} {}/{}", what, bar(done, total, 20), done, total)
                 : fmt::format("{} {}/{}", what, done, total));
}

void Console::on_start(const RunStart& start) {
  start_ = start;
  views_ = start.first_views;
  latest_.clear();
  shown_ = Clock::now();
  if (quiet_) return;
  print(fmt::format("{} with {} ({:.1f} M parameters) on {} ({} threads): {} unlabeled faces, {} classes; {}", start.algorithm,
                    start.backbone, static_cast<double>(start.parameters) / 1e6, start.device, start.threads,
                    grouped(start.unlabeled), start.classes.size(), to_text(start.labels)));
  if (start.rejected > 0)
    print(fmt::format("{} of {} unlabeled pictures were left out, since they look like no face", start.rejected,
                      start.rejected + start.unlabeled));
  if (start.first_step > 0) print(fmt::format("continues after step {} of {}", start.first_step, start.steps));
}

std::string Console::step_line(const StepReport& report) const {
  double views = 0, seconds = 0;
  for (const auto& [step_views, step_seconds] : latest_) {
    views += static_cast<double>(step_views);
    seconds += step_seconds;
  }
  const double left = static_cast<double>(start_.views - views_) * seconds / views;
  std::string line =
      fmt::format("step {}/{}  {:.0f} views/s  {} left ", report.step, start_.steps, views / seconds, duration(left));
  for (const auto& [name, value] : report.figures) {
    line += name == "confident" || name == "largest_class" || name == "rejected" ? fmt::format(" {} {:.0f} %", name, 100 * value)
                                                                                 : fmt::format(" {} {:.3f}", name, value);
  }
  return line + thresholds_;
}

void Console::on_step(const StepReport& report) {
  views_ += report.views;
  latest_.emplace_back(report.views, report.seconds);
  if (latest_.size() > 50) latest_.pop_front();
  if (quiet_ || !due(0.1, 20)) return;
  draw((terminal_ ? bar(report.step, start_.steps, 20) + " " : "") + step_line(report));
}

void Console::on_epoch(const EpochReport& report) {
  if (!report.thresholds.empty()) {
    const auto [low, high] = std::minmax_element(report.thresholds.begin(), report.thresholds.end());
    thresholds_ = fmt::format("  thresholds {:.2f}–{:.2f}", *low, *high);
  }
  if (quiet_) return;
  if (report.validation.faces == 0)
    return print(fmt::format("epoch {:>3}, step {:>6}{}", report.epoch, report.step, thresholds_));
  print(fmt::format("epoch {:>3}, step {:>6}: validation accuracy {:.1f} %, balanced {:.1f} %{}{}", report.epoch, report.step,
                    100 * report.validation.accuracy, 100 * report.validation.balanced_accuracy, thresholds_,
                    report.best ? "  best" : ""));
}

void Console::on_representation(const RepresentationReport& report) {
  if (quiet_) return;
  const auto& measured = report.representation;
  std::string labels;
  if (measured.neighbors)
    labels = fmt::format("nearest neighbors {:.1f} %, probe {:.1f} %, ", 100 * *measured.neighbors, 100 * *measured.probe);
  print(fmt::format("epoch {:>3}, step {:>6}: {}rank {:.1f}, uniformity {:.3f}, deviation {:.3f}", report.epoch, report.step,
                    labels, measured.rank, measured.uniformity, measured.deviation));
}

}  // namespace leaf::app
