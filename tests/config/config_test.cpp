#include "leaf/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"

namespace leaf {
namespace {

using testing::HasSubstr;

TEST(Config, IsReadAgainAsWritten) {
  Config config;
  config.method = "reference";
  config.set("train.steps", std::string_view("123"));
  config.set("algorithm.mask", std::string_view("batch"));
  Config copy;
  copy.read_toml(config.to_toml(), "config.toml");
  EXPECT_EQ(copy.to_json(), config.to_json());
  EXPECT_EQ(copy.train.steps, 123);
}

TEST(Config, RefusesWhatItDoesNotKnow) {
  Config config;
  const auto message = [&](const std::string& text) {
    try {
      config.read_toml(text, "my.toml");
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message("[train]\nstesp = 5\n"),
              HasSubstr("my.toml: unknown option \"train.stesp\" (did you mean \"train.steps\"?)"));
  EXPECT_THAT(message("[train]\nsteps = \"many\"\n"), HasSubstr("train.steps must be an integer"));
}

TEST(Difference, NamesTheFirstOptionButNoneThatNoResultDependsOn) {
  Config wanted;
  wanted.algorithm_options["consistency"] = 0.1;
  auto found = wanted;
  found.train.threads = 2;
  found.train.device = "cpu";
  found.data.cache = "elsewhere";
  found.views.workers = 7;
  EXPECT_EQ(difference(found, wanted), "");
  found.algorithm_options["consistency"] = 0.25;
  found.train.steps = 5;
  EXPECT_EQ(difference(found, wanted), "train.steps = 5, not 32000");
  found.train.steps = wanted.train.steps;
  EXPECT_EQ(difference(found, wanted), "algorithm.consistency = 0.25, not 0.1");
  wanted.train.threads = 1;
  EXPECT_EQ(difference(found, wanted), "train.threads = 2, not 1");
}

TEST(Level, IsSwitchedByItsOption) {
  for (const auto& level : level_names()) {
    for (const bool on : {true, false}) {
      Config config;
      config.set(level_option(level), Json(on));
      for (const auto& other : level_names())
        EXPECT_EQ(has_level(config, other), other == level ? on : has_level({}, other)) << other;
    }
  }
}

}  // namespace
}  // namespace leaf
