#include "leaf/data/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;  // sorted, so that a folder is a range
using Handle = std::unique_ptr<archive, decltype(&archive_read_free)>;

/// Reads one archive from beginning to end.
class Unpacker {
 public:
  Unpacker(const std::filesystem::path& path, std::string name, const ArchiveLimits& limits)
      : name_(std::move(name)), limits_(limits), packed_(std::filesystem::file_size(path)), handle_(archive_read_new(), archive_read_free) {
    archive* reader = handle_.get();
    archive_read_support_format_tar(reader);
    archive_read_support_format_zip(reader);
    archive_read_support_filter_gzip(reader);  // by name: "all" would start programs for rare formats
    archive_read_support_filter_bzip2(reader);
    archive_read_support_filter_xz(reader);
    if (archive_read_open_filename(reader, path.c_str(), 1 << 18) != ARCHIVE_OK) fail_archive();
  }

  Files unpack() {
    Files files;
    archive_entry* entry = nullptr;
    for (;;) {
      const int status = archive_read_next_header(handle_.get(), &entry);
      if (status == ARCHIVE_EOF) return files;
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail_archive();
      if (++entries_ > limits_.files) fail("{}: more than {} files; unpack it and give the folder", name_, limits_.files);
      const std::string path = path_of(entry);
      const bool regular = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
      if (regular && !path.empty()) files[path] = content(entry, path);
    }
  }

 private:
  [[noreturn]] void fail_archive() const {
    const char* reason = archive_error_string(handle_.get());
    fail("cannot read the archive {}: {}", name_, reason != nullptr ? printable(reason) : "damaged or of an unknown kind");
  }

  std::string path_of(archive_entry* entry) const {
    const char* text = archive_entry_pathname(entry);
    if (text == nullptr) text = archive_entry_pathname_utf8(entry);
    if (text == nullptr) fail("{}: entry {} has a name that cannot be read; pack it again with plain names", name_, entries_);
    try {
      return inner_path(text);
    } catch (const Error& error) {
      fail("{} is refused: {}", name_, error.what());
    }
  }

  std::string content(archive_entry* entry, const std::string& path) {
    if (archive_entry_size_is_set(entry)) {
      const auto declared = archive_entry_size(entry);
      if (declared < 0 || static_cast<uint64_t>(declared) > limits_.file_bytes) fail_size(path, limits_.file_bytes);
    }
    std::string result;
    for (;;) {
      const void* block = nullptr;
      size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(handle_.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail_archive();
      const uint64_t end = static_cast<uint64_t>(offset) + size;  // a sparse file may leave holes
      if (offset < 0 || end > limits_.file_bytes) fail_size(path, limits_.file_bytes);
      account(end - std::min<uint64_t>(result.size(), end));
      if (end > result.size()) result.resize(end);
      std::copy_n(static_cast<const char*>(block), size, result.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    result.shrink_to_fit();
    return result;
  }

  void account(uint64_t bytes) {
    unpacked_ += bytes;
    if (unpacked_ > limits_.bytes) fail("{}: unpacks to more than {}; unpack it and give the folder", name_, human_bytes(limits_.bytes));
    if (unpacked_ > limits_.unsuspected && static_cast<double>(unpacked_) > limits_.ratio * static_cast<double>(packed_)) {
      fail("{}: unpacks to more than {:g} times its size and is refused; unpack it and give the folder", name_, limits_.ratio);
    }
  }

  [[noreturn]] void fail_size(const std::string& path, uint64_t limit) const {
    fail("{}: {} unpacks to more than {}; unpack it and give the folder", name_, printable(path), human_bytes(limit));
  }

  std::string name_;
  ArchiveLimits limits_;
  uint64_t packed_, unpacked_ = 0;
  int64_t entries_ = 0;
  Handle handle_;
};

class ArchiveSource : public Source {
 public:
  ArchiveSource(std::filesystem::path path, const ArchiveLimits& limits)
      : Source(printable(path.string()), ""), path_(std::move(path)), limits_(limits) {}

  bool has_file(const std::string& path) const override {
    const auto inner = inner_or_nothing(path);
    return inner && files().contains(*inner);
  }
  bool has_folder(const std::string& path) const override {
    const auto inner = inner_or_nothing(path);
    if (!inner) return false;
    if (inner->empty()) return true;
    const auto next = files().lower_bound(*inner + "/");
    return next != files().end() && next->first.starts_with(*inner + "/");
  }

  std::vector<Entry> entries(const std::string& folder) const override {
    if (!has_folder(folder)) fail("there is no folder {} in {}", printable(folder), name());
    const std::string inner = inner_path(folder), prefix = inner.empty() ? "" : inner + "/";
    std::map<std::string, bool> found;
    for (auto file = files().lower_bound(prefix); file != files().end() && file->first.starts_with(prefix);) {
      const std::string rest = file->first.substr(prefix.size()), child = rest.substr(0, rest.find('/'));
      const bool is_folder = child.size() < rest.size();
      if (!child.starts_with('.')) found[child] = found[child] || is_folder;
      file = is_folder ? files().lower_bound(prefix + child + '0') : std::next(file);  // '0' follows '/': past the folder
    }
    std::vector<Entry> result;
    for (const auto& [child, is_folder] : found) result.push_back({child, is_folder});
    return result;
  }

  std::string read(const std::string& path) const override {
    const auto file = files().find(inner_path(path));
    if (file == files().end()) fail("there is no file {} in {}", printable(path), name());
    return file->second;
  }

  std::string stamp(const std::string&) const override { return whole_stamp(); }
  std::string whole_stamp() const override {
    return fmt::format("{}:{}", std::filesystem::file_size(path_), std::filesystem::last_write_time(path_).time_since_epoch().count());
  }

 private:
  static std::optional<std::string> inner_or_nothing(const std::string& path) {
    try {
      return inner_path(path);
    } catch (const Error&) {
      return std::nullopt;  // it leads out, so nothing is there
    }
  }

  const Files& files() const {
    std::call_once(unpacked_, [this] { files_ = Unpacker(path_, name(), limits_).unpack(); });
    return files_;
  }

  std::filesystem::path path_;
  ArchiveLimits limits_;
  mutable std::once_flag unpacked_;
  mutable Files files_;
};

}  // namespace

bool is_archive_name(const std::filesystem::path& path) {
  const std::string name = lower(path.filename().string());
  constexpr const char* kEnds[] = {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip"};
  return std::any_of(std::begin(kEnds), std::end(kEnds), [&](const char* end) { return name.ends_with(end); });
}

std::shared_ptr<const Source> open_archive(const std::filesystem::path& path, const ArchiveLimits& limits) {
  return std::make_shared<ArchiveSource>(path, limits);
}

}  // namespace leaf
