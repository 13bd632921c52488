#include "leaf/base/text.h"

#include <gtest/gtest.h>

namespace leaf {
namespace {

TEST(Text, MeasuresHowFarWordsAreApart) {
  EXPECT_EQ(edit_distance("label", "label"), 0u);
  EXPECT_EQ(edit_distance("label", "labl"), 1u);
  EXPECT_EQ(edit_distance("trian", "train"), 1u);  // a swap
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(Text, SuggestsOnlyWhatCanBeMeant) {
  EXPECT_EQ(did_you_mean("stpes", {"steps", "epochs"}), " (did you mean \"steps\"?)");
  EXPECT_EQ(did_you_mean("zzzzzzzzz", {"steps"}), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(Text, ReadsWholeNumbersOnly) {
  EXPECT_EQ(to_integer("42"), 42);
  EXPECT_FALSE(to_integer("42 "));
  EXPECT_FALSE(to_integer("4.2"));
  EXPECT_FALSE(to_integer("99999999999999999999"));
  EXPECT_EQ(to_number("4.5"), 4.5);
  EXPECT_FALSE(to_number(""));
}

TEST(Text, SplitsTrimsAndCleans) {
  EXPECT_EQ(split_words("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(trim("  a b\r\n"), "a b");
  EXPECT_EQ(lower("HapPy"), "happy");
  EXPECT_EQ(printable("a\x1b[31m\n"), "a?[31m?");
}

}  // namespace
}  // namespace leaf
