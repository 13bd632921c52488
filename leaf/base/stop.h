#pragma once

#include <stdexcept>
#include <string>

namespace leaf {

/// Work that was stopped by a signal, in order: what() says how it goes on. No Error, so that nobody takes it for a failure.
class Stopped : public std::runtime_error {
 public:
  Stopped(int signal, const std::string& text) : std::runtime_error(text), signal_(signal) {}
  int signal() const { return signal_; }

 private:
  int signal_;
};

/// While it lives the first SIGINT or SIGTERM only asks for a stop; a second one ends the process at once. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal that has asked, 0 = none yet.
  static int asked();
};

}  // namespace leaf
