#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/data/load_dataset.h"
#include "leaf/pictures/codec.h"
#include "tests/error_of.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

/// A folder with two classes of three pictures, and the store that reading it leaves.
struct Store : testing::Test {
  TemporaryFolder folder;
  Dataset original;
  std::filesystem::path store;

  void SetUp() override {
    for (const std::string name : {"happiness", "sadness"}) {
      std::filesystem::create_directories(folder / ("faces/" + name));
      for (int i = 0; i < 3; ++i) {
        Image image(8 + i, 9);
        std::fill(image.pixels.begin(), image.pixels.end(), static_cast<uint8_t>(40 * i + (name == "sadness" ? 7 : 0)));
        write_png(folder / ("faces/" + name + "/" + std::to_string(i) + ".png"), image);
      }
    }
    DataOptions options;
    options.cache = (folder / "cache").string();
    original = load_dataset((folder / "faces").string(), options, 1);
    store = std::filesystem::directory_iterator(folder / "cache")->path();
  }
};

TEST_F(Store, HoldsTheDataSetWithoutItsPictures) {
  const auto moved = folder / "elsewhere.faces";
  std::filesystem::rename(store, moved);
  std::filesystem::remove_all(folder / "faces");
  const auto found = load_dataset(moved.string(), {}, 1);
  EXPECT_EQ(found.classes, original.classes);
  ASSERT_EQ(found.size(), original.size());
  for (int64_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found.records[i].path, original.records[i].path);
    EXPECT_EQ(found.records[i].label, original.records[i].label);
    EXPECT_EQ(found.records[i].part, original.records[i].part);
    EXPECT_EQ(found.faces->face(i).pixels, original.faces->face(i).pixels);
  }
}

TEST_F(Store, IsCheckedBeforeItIsUsed) {
  auto bytes = read_file(store);
  bytes[bytes.size() / 2] ^= 1;
  write_file(store, bytes);
  EXPECT_THAT(error_of([&] { load_dataset(store.string(), {}, 1); }), HasSubstr("damaged; make it again with --cache"));
  write_file(store, "short");
  EXPECT_THAT(error_of([&] { load_dataset(store.string(), {}, 1); }), HasSubstr("it is cut off"));
}

}  // namespace
}  // namespace leaf
