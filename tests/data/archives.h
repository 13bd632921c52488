#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace leaf {

/// Archives written by hand, so that they can be hostile.
struct TarEntry {
  std::string name, content;
  char type = '0';       ///< '0' file, '1' hard link, '2' symbolic link, '5' folder
  std::string link = {};
  std::string size = {}; ///< octal; "" = that of the content
};

inline std::string octal(uint64_t value, int digits) {
  std::string text(digits, '0');
  for (int i = digits - 1; i >= 0; --i, value /= 8) text[i] = static_cast<char>('0' + value % 8);
  return text;
}

inline std::string tar(const std::vector<TarEntry>& entries) {
  std::string result;
  for (const auto& entry : entries) {
    std::string header(512, '\0');
    const auto put = [&](size_t at, const std::string& text) { std::memcpy(header.data() + at, text.data(), text.size()); };
    put(0, entry.name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, entry.size.empty() ? octal(entry.content.size(), 11) : entry.size);
    put(136, "00000000000");
    header[156] = entry.type;
    put(157, entry.link);
    put(257, std::string("ustar\0" "00", 8));
    put(148, "        ");
    uint64_t sum = 0;
    for (const char c : header) sum += static_cast<uint8_t>(c);
    put(148, octal(sum, 6) + '\0' + ' ');
    result += header + entry.content;
    result.append((512 - entry.content.size() % 512) % 512, '\0');
  }
  return result + std::string(1024, '\0');
}

inline uint32_t crc32(const std::string& bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

inline std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}

/// gzip with stored blocks.
inline std::string gzip(const std::string& bytes) {
  std::string result("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  for (size_t at = 0; at < bytes.size(); at += 65535) {
    const auto block = bytes.substr(at, 65535);
    result += little(at + 65535 >= bytes.size() ? 1 : 0, 1) + little(block.size(), 2) + little(~block.size() & 0xffff, 2) + block;
  }
  return result + little(crc32(bytes), 4) + little(bytes.size(), 4);
}

/// zip with stored files.
inline std::string zip(const std::vector<TarEntry>& entries) {
  std::string files, folder;
  for (const auto& entry : entries) {
    const auto rest = little(0, 2) + little(0, 2) + little(0, 4) + little(crc32(entry.content), 4) + little(entry.content.size(), 4) +
                      little(entry.content.size(), 4) + little(entry.name.size(), 2) + little(0, 2);
    folder += "PK\1\2" + little(20, 2) + little(20, 2) + rest + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(files.size(), 4) + entry.name;
    files += "PK\3\4" + little(20, 2) + rest + entry.name + entry.content;
  }
  return files + folder + "PK\5\6" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) + little(folder.size(), 4) + little(files.size(), 4) +
         little(0, 2);
}

}  // namespace leaf
