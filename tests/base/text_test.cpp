#include "leaf/base/text.h"

#include <gtest/gtest.h>

#include "tests/error_of.h"

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
  EXPECT_EQ(printable("a\x1b[31m\n"), R"(a\x1b[31m\x0a)");
}

TEST(Text, ShowsWhatWouldSteerATerminal) {
  EXPECT_EQ(printable("gesichter-\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), "gesichter-\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "b"),
            R"(a\xc2\x9bb)");                                             // a control character of the second kind
  EXPECT_EQ(printable("\xe2\x80\xaegpj.exe"), R"(\xe2\x80\xaegpj.exe)");  // from right to left
  EXPECT_EQ(printable("pe\xf1"
                      "a"),
            R"(pe\xf1a)");  // Latin-1
  EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"), R"(\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82)");
  EXPECT_EQ(printable(printable("\x1b\n")), printable("\x1b\n"));
  EXPECT_TRUE(is_utf8("\xc3\xa4"));
  EXPECT_FALSE(is_utf8("\xc3"));
}

TEST(Error, IsOnePrintableLine) {
  EXPECT_EQ(error_of([] { fail("cannot read {}", "a\n\x1b[2J.png"); }), "cannot read a\\x0a\\x1b[2J.png");
}

}  // namespace
}  // namespace leaf
