#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace leaf {

/// The entries of a zip file that is in memory, as torch.save writes it: without compression. Names are only compared, never used
/// as names of files.
class StoredZip {
 public:
  /// Reads the list of entries. Throws Error without naming a file: damage, a name that is listed twice, entries that overlap or
  /// lie outside.
  explicit StoredZip(std::span<const uint8_t> bytes);

  /// An entry's bytes, after their checksum was compared. Throws Error when there is no such entry, or it is compressed,
  /// encrypted or damaged.
  std::span<const uint8_t> read(std::string_view name) const;
  bool contains(std::string_view name) const { return entries_.contains(name); }

  struct Entry {
    uint64_t begin = 0, size = 0;  ///< of its bytes in the file
    uint32_t checksum = 0;         ///< CRC-32
    bool plain = false;            ///< neither compressed nor encrypted
  };
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

 private:
  std::span<const uint8_t> bytes_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace leaf
