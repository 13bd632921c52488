#include <memory>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/faces/synthetic/synthetic_face.h"

namespace leaf {
namespace {

constexpr int64_t kMostFaces = 10'000'000;
constexpr int64_t kTestEvery = 4, kValidationEvery = 12;  ///< of 12 faces 3 are for testing, 1 for choosing, 8 for learning

/// What stands behind "synthetic:": "6000,size=48,classes=7,seed=1".
struct Order {
  int64_t faces = 6000;
  SyntheticOptions options;
};

Order parse_order(const std::string& text) {
  Order order;
  order.options.classes = 7;
  int64_t seed = 0;
  Options options;
  options.enter("synthetic");
  options.add("faces", order.faces, "number of faces", 1, kMostFaces);
  options.add("seed", seed, "another seed, other people", 0, 4294967295.0);
  describe(options, order.options);
  options.leave();
  for (const auto& word : split_words(text, ',')) {
    const auto equals = word.find('=');
    const auto key = equals == std::string::npos ? "faces" : word.substr(0, equals);
    options.set("synthetic." + key, std::string_view(word).substr(equals == std::string::npos ? 0 : equals + 1), "the source");
  }
  order.options.seed = static_cast<uint64_t>(seed);
  return order;
}

Part part_of(int64_t block) {
  if (block % kTestEvery == kTestEvery - 1) return Part::test;
  return block % kValidationEvery == 0 ? Part::validation : Part::train;
}

Listing draw(const std::string& argument, const DataOptions& /*options*/) {
  const auto order = parse_order(argument);
  Listing listing;
  listing.name = "synthetic";
  listing.classes = synthetic_classes(order.options.classes);
  for (int64_t i = 0; i < order.faces; ++i) {
    Record record;
    record.path = fmt::format("{:07}", i);
    record.label = synthetic_label(order.options, i);
    record.part = part_of(i / order.options.classes);  // a block has every class once
    listing.records.push_back(record);
  }
  listing.picture = [options = order.options](const Record& record) {
    return synthetic_face(options, *to_integer(record.path)).image;
  };
  return listing;
}

const Registration kSynthetic{
    readers(), "synthetic",
    Reader{.help = "faces drawn from action units (FACS); three of twelve are test faces, one is for validation",
           .layout = "synthetic:NUMBER, or with options: synthetic:6000,size=48,classes=7,blend=0.2,seed=1",
           .citation = "LEAF's own renderer; Ekman and Friesen, Facial Action Coding System, 1978",
           .generate = draw}};

}  // namespace
}  // namespace leaf
