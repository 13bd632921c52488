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

constexpr int64_t kEntry = 512;  // bytes that an entry counts for beside its name and content: tar's header, or a map's node

/// Reads one archive from beginning to end.
class Unpacker {
 public:
  Unpacker(const std::filesystem::path& path, std::string name, const ArchiveLimits& limits)
      : name_(std::move(name)),
        limits_(limits),
        packed_(std::filesystem::file_size(path)),
        handle_(archive_read_new(), archive_read_free) {
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
      account(kEntry + std::ssize(path));
      const bool kept = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr && !path.empty();
      auto body = content(entry, path, kept);
      if (kept) files[path] = std::move(body);
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

  /// The bytes of an entry; those of one that is not kept are read and counted too, since skipping them would unpack them unseen.
  std::string content(archive_entry* entry, const std::string& path, bool kept) {
    std::string result;
    if (archive_entry_size_is_set(entry)) {
      const auto declared = archive_entry_size(entry);
      if (declared < 0 || declared > limits_.file_bytes) fail_size(path);
      check(unpacked_ + declared);
      if (kept) result.reserve(static_cast<size_t>(declared));
    }
    for (int64_t length = 0;;) {
      const void* block = nullptr;
      size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(handle_.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail_archive();
      if (offset < 0 || offset > limits_.file_bytes || static_cast<int64_t>(size) > limits_.file_bytes - offset) fail_size(path);
      const int64_t end = offset + static_cast<int64_t>(size);  // a sparse file may leave holes
      account(std::max<int64_t>(end - length, 0));
      length = std::max(length, end);
      if (!kept) continue;
      result.resize(static_cast<size_t>(length));
      std::copy_n(static_cast<const char*>(block), size, result.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    result.shrink_to_fit();
    return result;
  }

  void account(int64_t bytes) {
    unpacked_ += bytes;
    check(unpacked_);
  }

  /// Throws Error where `bytes`, or what came out of the decompression, is beyond the limits.
  void check(int64_t bytes) const {
    const int64_t all = std::max<int64_t>(bytes, archive_filter_bytes(handle_.get(), 0));
    if (all > limits_.bytes)
      fail("{}: unpacks to more than {}; unpack it and give the folder", name_,
           human_bytes(static_cast<uint64_t>(limits_.bytes)));
    if (all > limits_.unsuspected && static_cast<double>(all) > limits_.ratio * static_cast<double>(packed_)) {
      fail("{}: unpacks to more than {:g} times its size and is refused; unpack it and give the folder", name_, limits_.ratio);
    }
  }

  [[noreturn]] void fail_size(const std::string& path) const {
    fail("{}: {} unpacks to more than {}; unpack it and give the folder", name_, printable(path),
         human_bytes(static_cast<uint64_t>(limits_.file_bytes)));
  }

  std::string name_;
  ArchiveLimits limits_;
  uint64_t packed_;
  int64_t unpacked_ = 0, entries_ = 0;
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
      if (!is_hidden_name(child)) found[child] = found[child] || is_folder;
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
    return fmt::format("{}:{}", std::filesystem::file_size(path_),
                       std::filesystem::last_write_time(path_).time_since_epoch().count());
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

std::shared_ptr<const Source> open_archive(const std::filesystem::path& path, const ArchiveLimits& limits) {
  return std::make_shared<ArchiveSource>(path, limits);
}

}  // namespace leaf
