#pragma once

#include <memory>
#include <set>
#include <string>

#include "app/tensor/console.h"
#include "leaf/compare/grid.h"

namespace leaf::app {

/// "ferplus:data 80 labels leaf+none seed 0".
std::string cell_name(const Cell& cell);

/// Shows a grid on the terminal's standard error: a line when a run begins and when it ends, with how many of how many are done
/// and the time left, and the bar of the run at work. Remarks on the faces come once, epochs not at all.
class GridConsole : public GridObserver, private Observer {
 public:
  /// `quiet` shows the line at a run's end only.
  explicit GridConsole(bool quiet) : quiet_(quiet) {}

  Observer& on_begin(const Cell& cell, const GridProgress& progress) override;
  void on_end(const Cell& cell, const GridProgress& progress, const std::string& failure) override;

 private:
  void on_note(const std::string& text) override;
  void on_progress(const std::string& what, int64_t done, int64_t total) override { console_->on_progress(what, done, total); }
  void on_start(const RunStart& start) override { console_->on_start(start); }
  void on_step(const StepReport& report) override { console_->on_step(report); }

  const bool quiet_;
  std::unique_ptr<Console> console_;  ///< of the run at work
  std::set<std::string> notes_;       ///< those that were shown
};

}  // namespace leaf::app
