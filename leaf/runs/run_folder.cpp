#include "leaf/runs/run_folder.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"

namespace leaf {
namespace {

namespace fs = std::filesystem;

/// Whether a process that was killed before its run began may have left this.
bool is_remainder(const RunFolder& folder, const fs::directory_entry& entry) {
  std::error_code code;
  const auto name = entry.path().filename();
  return name == folder.lock().filename() || name.extension() == ".partial" ||
         (name == folder.last().parent_path().filename() && fs::is_empty(entry.path(), code));
}

/// Whether there is anything but a baseline, a pretraining and remainders.
bool is_occupied(const RunFolder& folder) {
  std::error_code code;
  if (!fs::is_directory(folder.root, code)) return fs::exists(fs::symlink_status(folder.root, code));
  return std::any_of(fs::directory_iterator(folder.root, code), fs::directory_iterator(), [&](const fs::directory_entry& entry) {
    const auto name = entry.path().filename();
    const bool beside = name == folder.baseline().root.filename() || name == folder.pretraining().root.filename();
    return !beside && !is_remainder(folder, entry);
  });
}

void check_begun(const RunFolder& folder) {
  if (fs::exists(folder.config())) return;
  fail("cannot continue {}: it has no config.toml, so no run has begun there; begin one without --resume", folder.root.string());
}

Claim claim_of(const RunFolder& folder) {
  make_folder(folder.root);
  auto claim = Claim::attempt(folder.lock());
  if (!claim)
    fail("{} is being worked on by {}; wait for its end or stop it, or choose another folder", folder.root.string(),
         Claim::holder(folder.lock()));
  return std::move(*claim);
}

}  // namespace

void RunFolder::check(bool force) const {
  if (!is_occupied(*this)) return;
  if (!force) {
    fail("{} exists already; choose another folder with --output, continue it with --resume, or replace it with --force",
         root.string());
  }
  if (!fs::exists(config()))
    fail("{} is not the folder of a run, so --force does not touch it; choose another one", root.string());
}

void RunFolder::create(const std::string& toml, bool force) const {
  check(force);
  make_folder(root);
  fs::remove_all(report().parent_path());  // first: it says that the run came to its end
  fs::remove_all(last().parent_path());
  for (const auto& file : {split(), weights(), known(), metrics(), speed(), broken(), model()}) fs::remove(file);
  write_file(config(), toml);
}

RunOwner::RunOwner(const RunFolder& folder) : folder_(folder), claim_(claim_of(folder)) {
  for (const auto& part : {folder_.root, folder_.last().parent_path(), folder_.report().parent_path()}) remove_partial(part);
}

RunOwner::~RunOwner() {
  std::error_code none;
  const bool begun = fs::exists(folder_.config(), none);
  if (!begun) fs::remove(folder_.last().parent_path(), none);  // they stay when they are not empty
  claim_.remove_file();
  if (!begun) fs::remove(folder_.root, none);
}

std::shared_ptr<const RunOwner> own(const RunFolder& folder) {
  static std::mutex mutex;
  static std::map<fs::path, std::weak_ptr<const RunOwner>> owners;
  const std::lock_guard lock(mutex);
  auto& known = owners[fs::weakly_canonical(fs::absolute(folder.root))];
  auto owner = known.lock();
  if (!owner) known = owner = std::make_shared<const RunOwner>(folder);
  return owner;
}

std::shared_ptr<const RunOwner> own_begun(const RunFolder& folder) {
  check_begun(folder);
  return own(folder);
}

Config run_config(const RunFolder& folder) {
  check_begun(folder);
  Config config;
  config.read_toml(read_file(folder.config(), 1 << 20), folder.config().string());
  return config;
}

Config continued_config(const RunFolder& folder) {
  auto config = run_config(folder);
  if (fs::exists(folder.split())) config.data.split_file = folder.split().string();  // else it was stopped while it began
  return config;
}

}  // namespace leaf
