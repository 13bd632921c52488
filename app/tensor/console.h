#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "leaf/train/observer.h"

namespace leaf::app {

/// Shows a run on the terminal's standard error: a line that is drawn again while it works, or plain lines now and then
/// when the output is not a terminal.
class Console : public Observer {
 public:
  /// `name` is put in front of each line when several runs follow one another; `quiet` shows notes only.
  explicit Console(std::string name = "", bool quiet = false);
  ~Console() override;

  void on_note(const std::string& text) override;
  void on_progress(const std::string& what, int64_t done, int64_t total) override;
  void on_start(const RunStart& start) override;
  void on_step(const StepReport& report) override;
  void on_epoch(const EpochReport& report) override;
  void on_representation(const RepresentationReport& report) override;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const std::string& line);   ///< over the line drawn before
  void print(const std::string& line);  ///< for good
  bool due(double terminal_seconds, double plain_seconds);
  std::string step_line(const StepReport& report) const;

  const std::string name_;
  const bool quiet_, terminal_;
  bool drawn_ = false;
  RunStart start_;
  std::string thresholds_;
  Clock::time_point shown_{};
  int64_t views_ = 0;                              ///< seen in the run so far
  std::deque<std::pair<int64_t, double>> latest_;  ///< views and seconds of the latest steps
};

/// "1:05:09", "2:31".
std::string duration(double seconds);

}  // namespace leaf::app
