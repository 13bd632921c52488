#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/data/reader.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

TEST(ClassCount, HasALimit) {
  const TemporaryFolder folder;
  std::string rows = "path,label\n";
  for (int i = 0; i < 4097; ++i) rows += fmt::format("{}.png,{}\n", i, i);
  put(folder / "faces.csv", rows);
  auto opened = open_data("csv:" + (folder / "faces.csv").string());
  EXPECT_THAT(error_of([&] { list_faces(opened, {}); }), testing::HasSubstr("4097 classes, more than 4096"));
}

}  // namespace
}  // namespace leaf
