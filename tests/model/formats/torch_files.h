#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Files as torch.save writes them, made by hand, so that tests can make wrong ones.
namespace torch_files {

/// Little-endian.
inline std::string number(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
  return bytes;
}
inline std::string text(const std::string& value) { return "X" + number(value.size(), 4) + value; }
inline std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
inline std::string integer(int64_t value) { return "\x8a" + number(8, 1) + number(static_cast<uint64_t>(value), 8); }
inline std::string program(const std::string& opcodes) { return "\x80\x02" + opcodes + "."; }
inline std::string tuple(const std::vector<int64_t>& values) {
  std::string opcodes = "(";
  for (const auto value : values) opcodes += integer(value);
  return opcodes + "t";
}
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string opcodes = "}(";
  for (const auto& [key, value] : entries) opcodes += text(key) + value;
  return opcodes + "u";
}

struct View {
  std::vector<int64_t> size, stride;
  int64_t offset = 0, numel = 4;  ///< numel: of the storage
  std::string key = "0", type = "FloatStorage", location = "cuda:0";
};

/// The opcodes of a tensor; a legacy file has one part more in a storage's id.
inline std::string tensor(const View& view, bool legacy = true) {
  return global("torch._utils", "_rebuild_tensor_v2") + "((" + text("storage") + global("torch", view.type) + text(view.key) +
         text(view.location) + integer(view.numel) + (legacy ? "N" : "") + "tQ" + integer(view.offset) + tuple(view.size) +
         tuple(view.stride) + "\x89" + global("collections", "OrderedDict") + ")RtR";
}

using Storages = std::vector<std::pair<std::string, std::pair<int64_t, std::string>>>;  ///< key, numel, bytes

/// A file of the form before 1.6.
inline std::string legacy(const std::string& opcodes, const Storages& storages, bool little = true, int64_t version = 1001) {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);
  auto file = magic + program(integer(version)) +
              program(dict({{"protocol_version", integer(1001)}, {"little_endian", little ? "\x88" : "\x89"}})) +
              program(opcodes);
  std::string keys = "](";
  for (const auto& [key, storage] : storages) keys += text(key);
  file += program(keys + "e");
  for (const auto& [key, storage] : storages) file += number(static_cast<uint64_t>(storage.first), 8) + storage.second;
  return file;
}

/// Four floats: 0, 1, 2, 3.
inline const std::string kNumbers("\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40", 16);
inline const Storages kOneStorage = {{"0", {4, kNumbers}}};

}  // namespace torch_files
