#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leaf/base/descriptor.h"

namespace leaf {

using Bytes = std::vector<uint8_t>;

/// The bytes of a text, for a Sink or a parser.
inline std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Changes when the file does: its size and time; "missing" where there is none.
std::string file_stamp(const std::filesystem::path& path);

/// The content of a regular file. Throws Error naming the file when it is missing, unreadable, not a regular file or larger
/// than `limit` bytes.
std::string read_file(const std::filesystem::path& path, uint64_t limit = uint64_t{1} << 32);

/// Writes a file so that a reader sees the old or the new content, never a part: a new file of a name that cannot be guessed is
/// written in the same folder, synchronized and renamed. Throws Error (full disk, no permission) and leaves the old content.
void write_file(const std::filesystem::path& path, std::string_view content);

/// The same for content that is produced in pieces: `produce` is given a sink that appends.
using Sink = std::function<void(std::span<const uint8_t>)>;
void write_file(const std::filesystem::path& path, const std::function<void(const Sink&)>& produce);

/// A file that grows by whole lines, which are there after a crash once sync() has returned. No link is followed.
class LineFile {
 public:
  /// Opens it, or makes it. Throws Error, as all of it does.
  explicit LineFile(std::filesystem::path path);

  void append(std::string_view line);  ///< without its end
  void sync();

 private:
  const std::filesystem::path path_;
  const Descriptor file_;
};

/// Gives a file another name in the same folder, for good; a file of that name is replaced. Throws Error.
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes what processes that were killed had not written to its end. For the one process that owns the folder.
void remove_partial(const std::filesystem::path& folder);

/// Makes the folder and its parents; throws Error.
void make_folder(const std::filesystem::path& path);

/// A whole file as read-only memory; the system loads pages when they are touched and drops them under pressure.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const uint8_t> bytes() const { return {data_, size_}; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

/// FNV-1a, 64 bit: names caches and detects changes; no protection against intent.
uint64_t hash_bytes(std::string_view bytes, uint64_t seed = 0xcbf29ce484222325);

/// CRC-32, the checksum of PNG and zip; of bytes behind others when theirs is given.
uint32_t crc32(std::span<const uint8_t> bytes, uint32_t before = 0);

/// "1.4 GB".
std::string human_bytes(uint64_t bytes);

}  // namespace leaf
