#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "leaf/base/options.h"
#include "tests/error_of.h"

namespace leaf {
namespace {

std::string refusal(const std::string& text) {
  return error_of([&] { parse_toml(text, "x.toml"); });
}

std::string dotted(int words) {
  std::string key = "a";
  for (int i = 1; i < words; ++i) key += i % 2 == 0 ? ".a" : " . 'b.c'";
  return key;
}

TEST(Toml, RefusesKeysOfManyWords) {
  EXPECT_EQ(refusal(dotted(17) + " = 1"), "");
  EXPECT_THAT(refusal("b = 1\n" + dotted(18) + " = 1"), testing::StartsWith("x.toml line 2: a key has more than 17 words"));
  EXPECT_THAT(refusal("[" + dotted(1'000'000) + "]"), testing::HasSubstr("more than 17 words"));
  EXPECT_THAT(refusal("a = {" + dotted(1'000'000) + " = 1}"), testing::HasSubstr("more than 17 words"));
}

TEST(Toml, CountsNoDotsOfTextsNumbersAndRemarks) {
  const std::string dots(100, '.');
  EXPECT_EQ(
      refusal("a = \"" + dots + "\\\"" + dots + "\" # " + dots + "\nb = '" + dots + "'\nc = \"\"\"\n" + dots + "\n\"\"\"\n"), "");
  std::string numbers = "1.5";
  for (int i = 0; i < 100; ++i) numbers += ", 1.5";
  EXPECT_THAT(refusal("a = [" + numbers + "]"), testing::HasSubstr("not a list"));
  EXPECT_THAT(refusal("a = \"" + dots + "\n"), testing::HasSubstr("line 1"));  // not closed
}

}  // namespace
}  // namespace leaf
