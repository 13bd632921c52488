#include "leaf/base/stop.h"

#include <signal.h>

namespace leaf {
namespace {

volatile sig_atomic_t asking = 0;

}  // namespace

StopSignals::StopSignals() {
  asking = 0;
  struct sigaction once {};
  once.sa_handler = [](int signal) { asking = signal; };
  once.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &once, nullptr);
}

StopSignals::~StopSignals() {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  asking = 0;
}

int StopSignals::asked() { return asking; }

}  // namespace leaf
