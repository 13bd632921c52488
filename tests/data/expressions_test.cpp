#include "leaf/data/expressions.h"

#include <gtest/gtest.h>

namespace leaf {
namespace {

TEST(Expressions, MapSynonymsInAnyCase) {
  EXPECT_EQ(canonical_expression("Happy"), "happiness");
  EXPECT_EQ(canonical_expression(" joy\t"), "happiness");
  EXPECT_EQ(canonical_expression("NATURAL"), "neutral");
  EXPECT_EQ(canonical_expression("afraid"), "fear");
  EXPECT_EQ(canonical_expression("Fearful"), "fear");
  EXPECT_EQ(canonical_expression("surprised"), "surprise");
  EXPECT_EQ(canonical_expression("Sad"), "sadness");
  EXPECT_EQ(canonical_expression("angry"), "anger");
  EXPECT_EQ(canonical_expression("Disgusted"), "disgust");
  EXPECT_EQ(canonical_expression("hungry"), std::nullopt);
  EXPECT_EQ(canonical_expression(""), std::nullopt);
}

TEST(Expressions, AreTheirOwnCanonicalNames) {
  EXPECT_EQ(expressions().size(), 8u);
  for (const auto& name : expressions()) EXPECT_EQ(canonical_expression(name), name);
}

TEST(Expressions, LeaveOtherClassesAsTheyAre) {
  EXPECT_EQ(class_name(" Sleepy "), "Sleepy");
  EXPECT_EQ(class_name("Happy"), "happiness");
}

}  // namespace
}  // namespace leaf
