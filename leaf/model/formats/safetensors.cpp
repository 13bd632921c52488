#include "leaf/model/formats/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/formats/safetensors_header.h"

namespace leaf {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr size_t kMaxRank = 64;  ///< what libtorch's loops can do

/// The bytes that a shape needs. A dimension of 0 must not hide that the others cannot be meant.
uint64_t byte_count(const TensorPlace& place) {
  if (place.shape.size() > kMaxRank)
    fail("tensor \"{}\" has {} dimensions, more than {}", printable(place.name), place.shape.size(), kMaxRank);
  constexpr uint64_t kLimit = std::numeric_limits<int64_t>::max();
  uint64_t bytes = number_type(place.type).size;
  bool empty = false;
  for (const uint64_t size : place.shape) {
    empty = empty || size == 0;
    if (size != 0 && bytes > kLimit / size) fail("tensor \"{}\" is too large for any memory", printable(place.name));
    bytes *= std::max<uint64_t>(size, 1);
  }
  return empty ? 0 : bytes;
}

/// Sorted by offset, each tensor must begin where the one before ends, and the last one at the end of the buffer.
void check_places(std::vector<TensorPlace>& places, uint64_t buffer_size) {
  std::stable_sort(places.begin(), places.end(),
                   [](const auto& a, const auto& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
  uint64_t position = 0;
  for (const auto& place : places) {
    const uint64_t expected = byte_count(place);
    if (place.begin != position)
      fail("tensor \"{}\" begins at byte {} instead of {}", printable(place.name), place.begin, position);
    if (place.end < place.begin || place.end - place.begin != expected) {
      fail("tensor \"{}\" ends at byte {}, but its type and shape need {} bytes from {}", printable(place.name), place.end,
           expected, place.begin);
    }
    position = place.end;
    if (position > buffer_size)
      fail("tensor \"{}\" ends at byte {} of {}: the file is truncated", printable(place.name), position, buffer_size);
  }
  if (position != buffer_size)
    fail("the tensors end at byte {} of {}: the file has bytes that belong to none", position, buffer_size);
}

torch::Tensor copy_tensor(const TensorPlace& place, std::span<const uint8_t> buffer) {
  const auto bytes = buffer.subspan(place.begin, place.end - place.begin);
  const auto type = number_type(place.type).type;
  if (type == torch::kBool && std::any_of(bytes.begin(), bytes.end(), [](uint8_t value) { return value > 1; })) {
    fail("tensor \"{}\" has a BOOL that is neither 0 nor 1", printable(place.name));
  }
  const auto tensor = torch::empty(std::vector<int64_t>(place.shape.begin(), place.shape.end()), type);
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

constexpr const char* kChecksum = "leaf_checksum";

/// CRC-32 of what a file says: its metadata, and the name, type, shape and bytes of each tensor in the order of the file.
class Checksum {
 public:
  void add(std::string_view text) { add(bytes_of(text)); }
  void add(std::span<const uint8_t> bytes) {
    const uint64_t size = bytes.size();  // so that no byte can change from one part to the next
    value_ = crc32({reinterpret_cast<const uint8_t*>(&size), sizeof(size)}, value_);
    value_ = crc32(bytes, value_);
  }
  void add(const std::map<std::string, std::string>& metadata) {
    for (const auto& [name, text] : metadata) {
      if (name == kChecksum) continue;
      add(name);
      add(text);
    }
  }
  void add(std::string_view name, std::string_view type, std::span<const uint64_t> shape, std::span<const uint8_t> bytes) {
    add(name);
    add(type);
    add({reinterpret_cast<const uint8_t*>(shape.data()), shape.size_bytes()});
    add(bytes);
  }
  std::string text() const { return fmt::format("{:08x}", value_); }

 private:
  uint32_t value_ = 0;
};

/// A wrong checksum.
struct WrongSum {};

/// Takes the checksum out of the metadata, if there is one. Throws WrongSum.
void check_sum(TensorFile& file, const std::vector<TensorPlace>& places, std::span<const uint8_t> buffer) {
  const auto kept = file.metadata.extract(kChecksum);
  if (kept.empty()) return;
  Checksum sum;
  sum.add(file.metadata);
  for (const auto& place : places)
    sum.add(place.name, place.type, place.shape, buffer.subspan(place.begin, place.end - place.begin));
  if (sum.text() != kept.mapped()) throw WrongSum();
  file.checked = true;
}

TensorFile parse(std::span<const uint8_t> bytes) {
  uint64_t length = 0;
  if (bytes.size() < sizeof(length)) fail("it has {} bytes and is too short for a header", bytes.size());
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > kMaxHeader) fail("its header would have {} bytes, more than {}", length, kMaxHeader);
  const auto rest = bytes.subspan(sizeof(length));
  if (length > rest.size()) fail("its header would have {} bytes, but {} are left", length, rest.size());

  auto header = parse_safetensors_header({reinterpret_cast<const char*>(rest.data()), length});
  const auto buffer = rest.subspan(length);
  check_places(header.places, buffer.size());
  TensorFile file;
  file.metadata = std::move(header.metadata);
  check_sum(file, header.places, buffer);
  for (const auto& place : header.places) file.tensors.emplace(place.name, copy_tensor(place, buffer));
  return file;
}

/// A tensor and its name in the order of the file.
using Entries = std::vector<std::pair<std::string, torch::Tensor>>;

Entries ordered(const std::map<std::string, torch::Tensor>& tensors) {
  Entries entries(tensors.begin(), tensors.end());
  const auto size = [](const auto& entry) { return number_type(entry.second.scalar_type()).size; };
  std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return size(a) > size(b); });
  return entries;
}

/// A tensor as it is written: on the processor and row-major.
struct Written {
  torch::Tensor tensor;
  std::span<const uint8_t> bytes;
};

Written as_written(const torch::Tensor& tensor) {
  auto rows = tensor.detach().to(torch::kCPU).contiguous();
  const std::span bytes(static_cast<const uint8_t*>(rows.data_ptr()), rows.nbytes());
  return {std::move(rows), bytes};
}

std::string sum_of(const Entries& entries, const std::map<std::string, std::string>& metadata) {
  Checksum sum;
  sum.add(metadata);
  for (const auto& [name, tensor] : entries) {
    const std::vector<uint64_t> shape(tensor.sizes().begin(), tensor.sizes().end());
    sum.add(name, number_type(tensor.scalar_type()).name, shape, as_written(tensor).bytes);
  }
  return sum.text();
}

std::string header_text(const Entries& entries, const std::map<std::string, std::string>& metadata) {
  std::string text = "{";
  if (!metadata.empty()) text += "\"__metadata__\":" + nlohmann::json(metadata).dump();
  uint64_t position = 0;
  for (const auto& [name, tensor] : entries) {
    if (name == "__metadata__") fail("a tensor must not be named __metadata__");
    const auto end = position + tensor.nbytes();
    text += fmt::format("{}{}:{{\"dtype\":\"{}\",\"shape\":{},\"data_offsets\":[{},{}]}}", text.size() > 1 ? "," : "",
                        nlohmann::json(name).dump(), number_type(tensor.scalar_type()).name,
                        nlohmann::json(tensor.sizes().vec()).dump(), position, end);
    position = end;
  }
  text += "}";
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > kMaxHeader) fail("the header would have {} bytes, more than {}", text.size(), kMaxHeader);
  return text;
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) {
  const MappedFile file(path);
  try {
    return parse(file.bytes());
  } catch (const WrongSum&) {
    fail_damaged(path, "it is not what was written there, as its checksum says");
  } catch (const Error& error) {
    fail("{} is no valid safetensors file: {}", path.string(), error.what());
  }
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file, bool checksum) {
  const torch::NoGradGuard no_gradient;
  const auto entries = ordered(file.tensors);
  std::string header;
  try {
    auto metadata = file.metadata;
    if (checksum) metadata[kChecksum] = sum_of(entries, file.metadata);
    header = header_text(entries, metadata);
  } catch (const nlohmann::json::exception&) {
    fail("cannot write {}: a name or a remark is no UTF-8", path.string());
  } catch (const Error& error) {
    fail("cannot write {}: {}", path.string(), error.what());
  }
  write_file(path, [&](const Sink& sink) {
    const uint64_t length = header.size();
    sink({reinterpret_cast<const uint8_t*>(&length), sizeof(length)});
    sink(bytes_of(header));
    for (const auto& [name, tensor] : entries) {
      sink(as_written(tensor).bytes);
    }
  });
}

}  // namespace leaf
