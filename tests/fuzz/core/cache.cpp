#include "leaf/base/limits.h"
#include "leaf/data/cache_file.h"
#include "leaf/data/cache_index.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/repair.h"

namespace leaf::fuzz {
namespace {

constexpr size_t kHeader = 32, kTrailer = 48;  // bytes; docs/formats.md
const CacheKey kKey = {1, 2};

void take(std::string_view input) {
  const auto lookup = open_cache(as_file(input), kKey, 1);
  if (!lookup.found) return;
  const auto& dataset = lookup.dataset;
  expect(dataset.size() == dataset.faces->size(), "one face for each record");
  for (int64_t row = 0; row < std::min<int64_t>(dataset.size(), 4); ++row) {
    const auto face = dataset.faces->face(row);
    expect(std::ssize(face.pixels) == face.height * face.width * 3, "a face has its pixels");
  }
  remarks_on(dataset);
}

std::string written(const Dataset& dataset, const std::vector<StoredFace>& faces) {
  const auto path = scratch_folder() / "cache";
  write_cache(path, kKey, [&](const auto& add) {
    for (const auto& face : faces) add(face);
    return dataset;
  });
  return read_file(path);
}

std::vector<std::string> seeds() {
  Dataset dataset;
  dataset.name = "rafdb";
  dataset.classes = {"anger", "fear"};
  dataset.left_out = {{"c.png", "cannot be read: it is empty"}};
  dataset.remarks = {"one is left out"};
  const auto empty = written(dataset, {});
  dataset.records.resize(2);
  auto &first = dataset.records[0], &second = dataset.records[1];
  first.path = "a.png", first.label = 1, first.part = Part::test, first.subject = "S005", first.list = 0, first.line = 3;
  second.path = "b.png", second.box = {1, 2, 3, 4}, second.target = {0.25F, 0.75F};
  return {empty, written(dataset, {pack_face(Image(2, 3, {1, 2, 3})), pack_face(Image(4, 1, {7, 7, 7}))})};
}

uint64_t sum_of(const std::string& bytes, size_t begin, size_t size) {
  return checksum({reinterpret_cast<const uint8_t*>(bytes.data()) + begin, size});
}

/// Of header, index and trailer.
void repair(std::string& bytes) {
  if (bytes.size() < kHeader + kTrailer) return;
  const size_t trailer = bytes.size() - kTrailer, room = trailer - kHeader;
  const auto size = std::min<uint64_t>(number_at<uint64_t>(bytes, trailer + 8), room), begin = trailer - size;
  put_number(bytes, trailer, uint64_t{begin});
  put_number(bytes, trailer + 8, uint64_t{size});
  put_number(bytes, trailer + 16, sum_of(bytes, begin, size));
  put_number(bytes, trailer + 24, sum_of(bytes, 0, kHeader));
  put_number(bytes, trailer + 32, sum_of(bytes, trailer, 32));
}

}  // namespace

const Target target = {take, seeds, repair};

}  // namespace leaf::fuzz
