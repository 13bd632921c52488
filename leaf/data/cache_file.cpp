#include "leaf/data/cache_file.h"

#include <bit>
#include <cstring>
#include <optional>

#include "leaf/base/error.h"
#include "leaf/base/limits.h"
#include "leaf/base/parallel.h"
#include "leaf/data/cache_index.h"
#include "leaf/pictures/codec.h"

namespace leaf {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian and its numbers are copied");

constexpr uint64_t kMagic = 0x454341464641454cULL;     // "LEAFFACE"
constexpr uint64_t kEndMagic = 0x0a444e454641454cULL;  // "LEAFEND\n"

struct Header {
  uint64_t magic = kMagic;
  uint32_t version = kCacheVersion, reserved = 0;
  CacheKey key{};
};
static_assert(sizeof(Header) == 32);

struct Trailer {
  uint64_t index_offset = 0, index_size = 0, index_checksum = 0;
  uint64_t header_checksum = 0;   ///< of the header
  uint64_t trailer_checksum = 0;  ///< of the four numbers before
  uint64_t magic = kEndMagic;
};
static_assert(sizeof(Trailer) == 48);

template <typename T>
std::span<const uint8_t> bytes_of(const T& value, size_t size = sizeof(T)) {
  return {reinterpret_cast<const uint8_t*>(&value), size};
}

uint64_t checksum_of(const Trailer& trailer) { return checksum(bytes_of(trailer, offsetof(Trailer, trailer_checksum))); }

/// The faces of a file, which `owner` keeps in memory or mapped into it.
class FileStore : public FaceStore {
 public:
  FileStore(std::shared_ptr<const void> owner, std::span<const uint8_t> file, std::vector<FacePlace> places)
      : owner_(std::move(owner)), file_(file), places_(std::move(places)) {}

  int64_t size() const override { return static_cast<int64_t>(places_.size()); }
  Image face(int64_t row) const override {
    const auto& place = places_.at(static_cast<size_t>(row));
    return unpack_face(place.height, place.width, place.channels, file_.data() + place.offset);
  }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const uint8_t> file_;
  std::vector<FacePlace> places_;
};

/// The trailer, once header and trailer are known to be whole and meant for this key, if there is one. Throws Error.
Trailer check_frame(std::span<const uint8_t> file, const std::optional<CacheKey>& key) {
  if (file.size() < sizeof(Header) + sizeof(Trailer)) fail("it is cut off");
  Header header;
  std::memcpy(&header, file.data(), sizeof(header));
  if (header.magic != kMagic) fail("it is no cache of faces");
  if (header.version != kCacheVersion) fail("it has version {}, this program writes {}", header.version, kCacheVersion);
  if (key && header.key != *key) fail("the data set or the options have changed");
  Trailer trailer;
  std::memcpy(&trailer, file.data() + file.size() - sizeof(trailer), sizeof(trailer));
  if (trailer.magic != kEndMagic) fail("it is cut off");
  if (trailer.trailer_checksum != checksum_of(trailer) || trailer.header_checksum != checksum(bytes_of(header)))
    fail("its frame is damaged");
  const uint64_t room = file.size() - sizeof(Header) - sizeof(Trailer);
  const bool fits = trailer.index_size <= room && trailer.index_offset == sizeof(Header) + room - trailer.index_size;
  if (!fits) fail("its index lies outside of it");
  return trailer;
}

/// Faces lie one behind the other between header and index.
void check_places(const std::vector<FacePlace>& places, uint64_t end) {
  uint64_t next = sizeof(Header);
  for (const auto& place : places) {
    const bool sane = place.height >= 1 && place.width >= 1 && place.height <= limits().picture.side &&
                      place.width <= limits().picture.side && (place.channels == 1 || place.channels == 3) &&
                      place.offset == next && place.bytes() <= end - next;
    if (!sane) fail("a face lies outside of it");
    next += place.bytes();
  }
  if (next != end) fail("it holds bytes that belong to no face");
}

void check_pixels(std::span<const uint8_t> file, const std::vector<FacePlace>& places, int threads) {
  parallel_for(static_cast<int64_t>(places.size()), threads, [&](int64_t i) {
    const auto& place = places[i];
    if (checksum(file.subspan(place.offset, place.bytes())) != place.checksum) fail("face {} is damaged", i);
  });
}

Dataset read(const std::shared_ptr<const void>& owner, std::span<const uint8_t> file, const std::optional<CacheKey>& key,
             int threads) {
  const Trailer trailer = check_frame(file, key);
  const auto index = file.subspan(trailer.index_offset, trailer.index_size);
  if (checksum(index) != trailer.index_checksum) fail("its index is damaged");
  std::vector<FacePlace> places;
  auto dataset = read_index(index, places);
  check_places(places, trailer.index_offset);
  check_pixels(file, places, threads);
  dataset.faces = std::make_shared<FileStore>(owner, file, std::move(places));
  return dataset;
}

}  // namespace

CacheKey cache_key(std::string_view text) { return {hash_bytes(text), hash_bytes(text, 0x9e3779b97f4a7c15ULL)}; }

void write_cache(const std::filesystem::path& path, const CacheKey& key,
                 const std::function<Dataset(const std::function<void(const StoredFace&)>&)>& produce) {
  write_file(path, [&](const Sink& sink) {
    const Header header{.key = key};
    sink(bytes_of(header));
    std::vector<FacePlace> places;
    Trailer trailer{.index_offset = sizeof(Header), .header_checksum = checksum(bytes_of(header))};
    const Dataset dataset = produce([&](const StoredFace& face) {
      places.push_back({trailer.index_offset, checksum(face.pixels), static_cast<uint32_t>(face.height),
                        static_cast<uint32_t>(face.width), static_cast<uint32_t>(face.channels)});
      sink(face.pixels);
      trailer.index_offset += face.pixels.size();
    });
    const Bytes index = write_index(dataset, places);
    sink(index);
    trailer.index_size = index.size();
    trailer.index_checksum = checksum(index);
    trailer.trailer_checksum = checksum_of(trailer);
    sink(bytes_of(trailer));
  });
}

Dataset read_cache(std::shared_ptr<const std::string> file, int threads) {
  const auto bytes = leaf::bytes_of(std::string_view(*file));
  return read(std::move(file), bytes, std::nullopt, threads);
}

CacheLookup open_cache(const std::filesystem::path& path, const CacheKey& key, int threads) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return {};
  CacheLookup lookup;
  try {
    const auto file = std::make_shared<const MappedFile>(path);
    lookup.dataset = read(file, file->bytes(), key, threads);
    lookup.found = true;
  } catch (const Error& error) {
    lookup.reason = error.what();
  }
  return lookup;
}

}  // namespace leaf
