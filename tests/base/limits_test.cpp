#include "leaf/base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/options.h"

namespace leaf {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    parse_limits(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Limits, AreChangedByAText) {
  const auto limits = parse_limits("picture.pixels=200000000, archive.ratio=2.5,");
  EXPECT_EQ(limits.picture.pixels, 200'000'000);
  EXPECT_EQ(limits.archive.ratio, 2.5);
  EXPECT_EQ(limits.picture.side, Limits().picture.side);
  EXPECT_EQ(parse_limits("").archive.bytes, Limits().archive.bytes);
}

TEST(Limits, RefuseWhatTheyDoNotKnow) {
  EXPECT_THAT(refusal("picture.pixel=3"), HasSubstr("did you mean \"picture.pixels\"?"));
  EXPECT_THAT(refusal("picture.pixels"), HasSubstr("expected NAME=NUMBER"));
  EXPECT_THAT(refusal("picture.pixels=0"), HasSubstr("picture.pixels must be an integer"));
  EXPECT_THAT(refusal("picture.pixels=many"), HasSubstr("picture.pixels must be an integer"));
}

TEST(Limits, StandInTheText) {
  const auto text = read_file(std::filesystem::path(LEAF_SOURCE_FOLDER) / "SECURITY.md");
  Limits limits;
  Options options;
  describe(options, limits);
  for (const auto& option : options.all())
    EXPECT_THAT(text, HasSubstr("| `" + option.key + "` | " + value_of(option).dump() + " |")) << option.help;
}

}  // namespace
}  // namespace leaf
