#include "leaf/base/processor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "tests/instructions.h"

namespace leaf {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Processor, IsLoweredAndNeverRaised) {
  const auto own = processor_instructions();
  at_every_level([&](Instructions level) { EXPECT_LE(level, own); });
  const KeepInstructions keep;
  limit_instructions(Instructions::kBaseline);
  EXPECT_EQ(usable_instructions(), Instructions::kBaseline);
  limit_instructions(Instructions::kAmxBfloat16);
  EXPECT_EQ(usable_instructions(), own);
}

TEST(Processor, TellsOtherLibrariesOnlyWhenLowered) {
  const KeepInstructions keep;
  limit_instructions(processor_instructions());
  EXPECT_THAT(limiting_variables(), IsEmpty());
  limit_instructions(Instructions::kBaseline);
  if (usable_instructions() != processor_instructions()) {
    EXPECT_THAT(limiting_variables(), Not(IsEmpty()));
  }
}

TEST(Processor, LevelsHaveNames) {
  for (const auto level : {Instructions::kBaseline, Instructions::kAvx2, Instructions::kAvx512, Instructions::kAvx512Bfloat16,
                           Instructions::kAmxBfloat16}) {
    EXPECT_EQ(parse_instructions(name_of(level)), level);
  }
}

TEST(Processor, RefusesOtherNames) {
  try {
    parse_instructions("avx");
    FAIL() << "avx is no level";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean \"avx2\""));
    EXPECT_THAT(error.what(), HasSubstr("known: baseline, avx2, avx512, avx512_bf16, amx_bf16"));
  }
}

}  // namespace
}  // namespace leaf
