#include "leaf/base/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"

namespace leaf {
namespace {

using testing::HasSubstr;

struct Oven {
  bool fan = true;
  int64_t minutes = 20;
  double heat = 1.5;
  std::string mode = "bake";
};

struct Fixture : testing::Test {
  Oven oven;
  Options options;
  Fixture() {
    options.enter("oven");
    options.add("fan", oven.fan, "turn the fan");
    options.add("minutes", oven.minutes, "time, minutes", 1, 60);
    options.add("heat", oven.heat, "kilowatts", 0, 3);
    options.add("mode", oven.mode, "what to do", {"bake", "grill"});
    options.leave();
  }
  std::string error(const std::string& key, const std::string& text) {
    try {
      options.set(key, std::string_view(text), "line 3");
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
};
using OptionsOf = Fixture;

TEST_F(OptionsOf, AreSetFromText) {
  options.set("oven.fan", std::string_view("off"));
  options.set("oven.minutes", std::string_view("45"));
  options.set("oven.heat", std::string_view("2"));
  options.set("oven.mode", std::string_view("grill"));
  EXPECT_FALSE(oven.fan);
  EXPECT_EQ(oven.minutes, 45);
  EXPECT_EQ(oven.heat, 2);
  EXPECT_EQ(oven.mode, "grill");
}

TEST_F(OptionsOf, RefuseWhatCannotBeMeant) {
  EXPECT_EQ(error("oven.minuets", "3"), "line 3: unknown option \"oven.minuets\" (did you mean \"oven.minutes\"?)");
  EXPECT_THAT(error("oven.minutes", "61"), HasSubstr("oven.minutes must be an integer from 1 to 60, not 61"));
  EXPECT_THAT(error("oven.minutes", "soon"), HasSubstr("must be an integer"));
  EXPECT_THAT(error("oven.heat", "nan"), HasSubstr("must be a number"));
  EXPECT_THAT(error("oven.fan", "maybe"), HasSubstr("must be true or false"));
  EXPECT_THAT(error("oven.mode", "gril"), HasSubstr("must be one of bake, grill, not \"gril\" (did you mean \"grill\"?)"));
}

TEST_F(OptionsOf, AreReadAgainAsWritten) {
  oven = {false, 7, 0.1, "grill"};
  const auto text = options.to_toml();
  EXPECT_THAT(text, HasSubstr("# time, minutes\nminutes = 7"));
  oven = {};
  options.from_json(parse_toml(text, "text"));
  EXPECT_FALSE(oven.fan);
  EXPECT_EQ(oven.minutes, 7);
  EXPECT_EQ(oven.heat, 0.1);
  EXPECT_EQ(oven.mode, "grill");
}

TEST(Toml, NamesTheLineOfAMistake) {
  try {
    parse_toml("[a]\nb = = 1\n", "my.toml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("my.toml line 2"));
  }
  EXPECT_THROW(parse_toml("a = [1, 2]", "my.toml"), UsageError);
}

}  // namespace
}  // namespace leaf
