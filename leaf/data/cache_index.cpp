#include "leaf/data/cache_index.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "leaf/base/error.h"

namespace leaf {
namespace {

class IndexWriter {
 public:
  template <typename T>
  void number(T value) {
    const auto* begin = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(T));
  }
  void text(const std::string& value) {
    number(static_cast<uint32_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  void texts(const std::vector<std::string>& values) {
    number(static_cast<uint32_t>(values.size()));
    for (const auto& value : values) text(value);
  }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

class IndexReader {
 public:
  explicit IndexReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  /// A count of things that take at least `smallest` bytes each.
  uint64_t count(uint64_t value, uint64_t smallest) const {
    if (value > bytes_.size() / smallest) fail("its index is cut off");
    return value;
  }
  std::string text() {
    const auto bytes = take(number<uint32_t>());
    return {bytes.begin(), bytes.end()};
  }
  std::vector<std::string> texts() {
    std::vector<std::string> values(count(number<uint32_t>(), 4));
    for (auto& value : values) value = text();
    return values;
  }
  bool done() const { return bytes_.empty(); }

 private:
  std::span<const uint8_t> take(size_t size) {
    if (size > bytes_.size()) fail("its index is cut off");
    const auto result = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return result;
  }

  std::span<const uint8_t> bytes_;
};

constexpr uint64_t kSmallestRecord = 4 + 8 + 1 + 4 * 8 + 4 + 4 + 4 + 8 + 8 + 8 + 3 * 4;

void write_record(IndexWriter& out, const Record& record, const FacePlace& place) {
  out.text(record.path);
  out.number(record.label);
  out.number(static_cast<uint8_t>(record.part));
  for (const int64_t side : {record.box.left, record.box.top, record.box.width, record.box.height}) out.number(side);
  out.number(static_cast<uint32_t>(record.target.size()));
  for (const float share : record.target) out.number(share);
  out.text(record.subject);
  out.number(record.list);
  out.number(record.line);
  out.number(place.offset);
  out.number(place.checksum);
  for (const uint32_t side : {place.height, place.width, place.channels}) out.number(side);
}

Record read_record(IndexReader& in, FacePlace& place, size_t classes) {
  Record record;
  record.path = in.text();
  record.label = in.number<int64_t>();
  if (record.label < kUnlabeled || record.label >= static_cast<int64_t>(classes)) fail("a label lies outside its classes");
  const auto part = in.number<uint8_t>();
  if (part > static_cast<uint8_t>(Part::test)) fail("a face belongs to no part");
  record.part = static_cast<Part>(part);
  for (int64_t* side : {&record.box.left, &record.box.top, &record.box.width, &record.box.height}) *side = in.number<int64_t>();
  record.target.resize(in.count(in.number<uint32_t>(), sizeof(float)));
  if (!record.target.empty() && record.target.size() != classes) fail("a target has not one value for each class");
  for (float& share : record.target) share = in.number<float>();
  record.subject = in.text();
  record.list = in.number<int32_t>();
  record.line = in.number<int64_t>();
  place.offset = in.number<uint64_t>();
  place.checksum = in.number<uint64_t>();
  for (uint32_t* side : {&place.height, &place.width, &place.channels}) *side = in.number<uint32_t>();
  return record;
}

}  // namespace

Bytes write_index(const Dataset& dataset, const std::vector<FacePlace>& places) {
  if (places.size() != dataset.records.size()) throw std::logic_error("a cache needs one face for each record");
  IndexWriter out;
  out.text(dataset.name);
  out.texts(dataset.classes);
  std::vector<std::string> names, reasons;
  for (const auto& each : dataset.left_out) {
    names.push_back(each.name);
    reasons.push_back(each.reason);
  }
  out.texts(names);
  out.texts(reasons);
  out.texts(dataset.remarks);
  out.number(static_cast<uint64_t>(dataset.records.size()));
  for (size_t i = 0; i < places.size(); ++i) write_record(out, dataset.records[i], places[i]);
  return out.take();
}

Dataset read_index(std::span<const uint8_t> bytes, std::vector<FacePlace>& places) {
  IndexReader in(bytes);
  Dataset dataset;
  dataset.name = in.text();
  dataset.classes = in.texts();
  auto names = in.texts(), reasons = in.texts();
  if (names.size() != reasons.size()) fail("it has not one reason for each face that is left out");
  for (size_t i = 0; i < names.size(); ++i) dataset.left_out.push_back({std::move(names[i]), std::move(reasons[i])});
  dataset.remarks = in.texts();
  const uint64_t count = in.count(in.number<uint64_t>(), kSmallestRecord);
  places.resize(count);
  dataset.records.reserve(count);
  for (uint64_t i = 0; i < count; ++i) dataset.records.push_back(read_record(in, places[i], dataset.classes.size()));
  if (!in.done()) fail("its index is longer than it says");
  return dataset;
}

uint64_t checksum(std::span<const uint8_t> bytes) {
  constexpr uint64_t kFirst = 0x9e3779b97f4a7c15ULL, kSecond = 0xbf58476d1ce4e5b9ULL;
  uint64_t sum = kFirst ^ bytes.size();
  while (!bytes.empty()) {
    const size_t size = std::min<size_t>(bytes.size(), 8);
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), size);
    sum = std::rotl((sum ^ word) * kSecond, 29) + kFirst;
    bytes = bytes.subspan(size);
  }
  return sum ^ sum >> 32;
}

}  // namespace leaf
