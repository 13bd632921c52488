#include <gtest/gtest.h>

#include "leaf/faces/synthetic/landmarks.h"

namespace leaf::synthetic {
namespace {

using enum Unit;

ActionUnits prototype(Expression expression, uint64_t seed = 0) { return express(expression, 1, 0, Rng(seed)); }

TEST(ActionUnits, AreThoseOfTheExpression) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    EXPECT_GT(prototype(Expression::happiness, seed)[lip_corner_puller].mean(), 0.9);
    EXPECT_EQ(prototype(Expression::happiness, seed)[lip_corner_depressor].mean(), 0);
    EXPECT_GT(prototype(Expression::sadness, seed)[lip_corner_depressor].mean(), 0.8);
    EXPECT_GT(prototype(Expression::surprise, seed)[jaw_drop].mean(), 0.5);
    EXPECT_GT(prototype(Expression::anger, seed)[brow_lowerer].mean(), 0.9);
    EXPECT_GT(prototype(Expression::disgust, seed)[nose_wrinkler].mean(), 0.8);
    EXPECT_GT(prototype(Expression::fear, seed)[lip_stretcher].mean(), 0.8);
    for (size_t unit = 0; unit < kUnits; ++unit)
      EXPECT_EQ(prototype(Expression::neutral, seed)[static_cast<Unit>(unit)].mean(), 0);
  }
}

TEST(ActionUnits, ShowContemptOnEitherSide) {
  int left = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const Sides dimple = prototype(Expression::contempt, seed)[dimpler];
    EXPECT_GT(std::max(dimple.left, dimple.right), 5 * std::min(dimple.left, dimple.right));
    left += dimple.left > dimple.right;
  }
  EXPECT_NEAR(left, 200, 50);
}

TEST(ActionUnits, StayInRangeAndFollowTheIntensity) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    for (int64_t label = 0; label < 8; ++label) {
      const ActionUnits units = express(static_cast<Expression>(label), 1, 1, Rng(seed).split(label));
      for (size_t unit = 0; unit < kUnits; ++unit) {
        const Sides sides = units[static_cast<Unit>(unit)];
        EXPECT_TRUE(sides.left >= 0 && sides.left <= 1 && sides.right >= 0 && sides.right <= 1);
      }
    }
    const double full = express(Expression::happiness, 1, 0, Rng(seed))[lip_corner_puller].mean();
    EXPECT_NEAR(express(Expression::happiness, 0.5, 0, Rng(seed))[lip_corner_puller].mean(), full / 2, 1e-9);
  }
}

TEST(ActionUnits, BlendInTheGivenShares) {
  const ActionUnits mixed = blend(prototype(Expression::happiness), 0.75, prototype(Expression::sadness));
  EXPECT_NEAR(mixed[lip_corner_puller].left, 0.75, 1e-9);
  EXPECT_NEAR(mixed[lip_corner_depressor].right, 0.25 * prototype(Expression::sadness)[lip_corner_depressor].right, 1e-9);
}

TEST(Landmarks, FollowTheUnits) {
  const Identity person;
  const auto of = [&](Expression expression) { return landmarks(person, prototype(expression)); };
  const Landmarks neutral = of(Expression::neutral);
  EXPECT_LT(of(Expression::happiness).mouth.left.y, neutral.mouth.left.y - 0.1);
  EXPECT_GT(of(Expression::sadness).mouth.left.y, neutral.mouth.left.y + 0.08);
  EXPECT_GT(of(Expression::surprise).mouth.open(), neutral.mouth.open() + 0.1);
  EXPECT_LT(of(Expression::surprise).brows[0].line[2].y, neutral.brows[0].line[2].y - 0.08);
  EXPECT_GT(of(Expression::anger).brows[1].line[0].y, neutral.brows[1].line[0].y + 0.08);
  EXPECT_LT(of(Expression::sadness).brows[1].line[0].y, neutral.brows[1].line[0].y - 0.05);
  EXPECT_GT(of(Expression::fear).eyes[0].upper, 1.3 * neutral.eyes[0].upper);
  EXPECT_LT(of(Expression::anger).eyes[0].upper + of(Expression::anger).eyes[0].lower,
            neutral.eyes[0].upper + neutral.eyes[0].lower);
  EXPECT_GT(of(Expression::fear).mouth.right.x, neutral.mouth.right.x + 0.05);
}

TEST(Landmarks, AreMirroredWithTheUnits) {
  ActionUnits units = express(Expression::contempt, 1, 1, Rng(5)), mirrored;
  for (size_t i = 0; i < kUnits; ++i) {
    const auto unit = static_cast<Unit>(i);
    mirrored[unit] = {units[unit].right, units[unit].left};
  }
  const Landmarks one = landmarks({}, units), other = landmarks({}, mirrored);
  EXPECT_NEAR(one.mouth.left.x, -other.mouth.right.x, 1e-12);
  EXPECT_NEAR(one.mouth.left.y, other.mouth.right.y, 1e-12);
  EXPECT_NEAR(one.eyes[0].upper, other.eyes[1].upper, 1e-12);
  EXPECT_NEAR(one.brows[0].line[3].y, other.brows[1].line[3].y, 1e-12);
  EXPECT_NE(one.mouth.left.y, one.mouth.right.y);
}

}  // namespace
}  // namespace leaf::synthetic
