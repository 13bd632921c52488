#include "leaf/runs/run_folder.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"

namespace leaf {
namespace {

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

Config run_config(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.config()))
    fail("cannot resume {}: it has no config.toml, so it is not the folder of a run", folder.root.string());
  Config config;
  config.read_toml(read_file(folder.config(), 1 << 20), folder.config().string());
  return config;
}

Config continued_config(const RunFolder& folder) {
  auto config = run_config(folder);
  config.data.split_file = folder.split().string();
  return config;
}

}  // namespace leaf
