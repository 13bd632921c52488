#include "leaf/runs/checkpoint.h"

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/stop.h"
#include "leaf/base/text.h"

namespace leaf {

namespace fs = std::filesystem;

bool has_checkpoint(const RunFolder& folder) { return fs::exists(folder.last()) || fs::exists(folder.previous()); }

void save_checkpoint(const State& state, Journal& journal, const RunFolder& folder, const Json& identity) {
  journal.sync();
  make_folder(folder.last().parent_path());
  if (fs::exists(folder.last())) move_file(folder.last(), folder.previous());
  state.save(folder.last(), identity);
}

void load_checkpoint(State& state, const RunFolder& folder, const Json& identity, int64_t steps, Observer& observer) {
  const bool both = fs::exists(folder.last()) && fs::exists(folder.previous());
  const auto first = fs::exists(folder.last()) ? folder.last() : folder.previous();
  try {
    state.load(first, identity, steps);
  } catch (const Damage& damage) {
    if (!both) fail("{}; begin the run anew with --force", damage.what());
    state.load(folder.previous(), identity, steps);
    move_file(folder.previous(), folder.last());  // the damaged one must not become the one before
    observer.on_note(fmt::format("leaf: {}; goes on from the checkpoint before, after step {}", damage.what(), state.step));
  }
}

void leave_stopped(const State& state, int64_t steps, Journal& journal, const RunFolder& folder, const Json& identity) {
  const int signal = StopSignals::asked();
  if (signal == 0 || state.step == steps) return;
  journal.stop();
  save_checkpoint(state, journal, folder, identity);
  throw Stopped(signal, fmt::format("stopped after step {} of {}, which is saved; go on with --resume {}", state.step, steps,
                                    folder.root.string()));
}

}  // namespace leaf
