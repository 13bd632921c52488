#include "leaf/base/json.h"

#include <gtest/gtest.h>

#include "leaf/base/text.h"

namespace leaf {
namespace {

std::string nested(int depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); }

TEST(Json, HasLimits) {
  EXPECT_EQ(parse_json(R"({"a": [1, {"b": 2}]})").at("a").at(1).at("b"), 2);
  EXPECT_TRUE(parse_json("{").is_discarded());
  EXPECT_FALSE(parse_json(nested(64)).is_discarded());
  EXPECT_TRUE(parse_json(nested(65)).is_discarded());
  EXPECT_TRUE(parse_json(nested(5'000'000)).is_discarded());
  std::string pairs, names = "{";
  for (int i = 0; i <= 10000; ++i) {
    pairs += std::string(i == 0 ? "" : ",") + R"({"a": 1})";
    names += fmt::format(R"({}"{}": 1)", i == 0 ? "" : ",", i);
  }
  EXPECT_EQ(parse_json("[" + pairs + "]").size(), 10001u);  // the names of one object count, not those of others
  EXPECT_TRUE(parse_json(names + "}").is_discarded());
}

TEST(Json, IsAsciiAndReadsAsItWas) {
  const Json value = {{"name", "\x1b[31m\xc2\x9b\xe2\x80\xae\xc3\xa9"}, {"number", 0.1}};
  const auto text = json_text(value);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));
  EXPECT_EQ(parse_json(text), value);
  EXPECT_NO_THROW(json_text(Json("no UTF-8: \xf1")));
}

}  // namespace
}  // namespace leaf
