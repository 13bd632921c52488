#include "leaf/data/votes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;

//                        neutral happy surprise sad anger disgust fear contempt unknown not-a-face
constexpr Votes kClear = {8, 0, 0, 1, 0, 0, 0, 0, 1, 0};
constexpr Votes kHalf = {4, 0, 4, 0, 0, 0, 0, 0, 0, 1};
constexpr Votes kThree = {4, 3, 3, 0, 0, 0, 0, 0, 0, 0};
constexpr Votes kNobody = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

TEST(Votes, MajorityNeedsMoreThanHalfOfWhatIsLeft) {
  EXPECT_EQ(judge(kClear, "majority").label, 0);
  EXPECT_EQ(judge(kHalf, "majority").label, -1);                           // 4 of 8
  EXPECT_EQ(judge(kThree, "majority").label, -1);                          // 4 of 10
  EXPECT_EQ(judge(kNobody, "majority").label, -1);                         // all single votes
  EXPECT_EQ(judge({0, 0, 0, 5, 0, 1, 1, 1, 1, 1}, "majority").label, 3);   // 5 of 5
  EXPECT_EQ(judge({2, 0, 0, 0, 0, 0, 0, 0, 8, 0}, "majority").label, -1);  // unknown
  EXPECT_EQ(judge({2, 0, 0, 0, 0, 0, 0, 0, 0, 8}, "majority").label, -1);  // not a face
  EXPECT_THAT(judge(kClear, "majority").target, ElementsAre(1, 0, 0, 0, 0, 0, 0, 0));
}

TEST(Votes, ProbabilityTakesClassesUntilThreeQuarters) {
  EXPECT_THAT(judge(kHalf, "probability").target, ElementsAre(0.5f, 0, 0.5f, 0, 0, 0, 0, 0));
  EXPECT_THAT(judge(kThree, "crossentropy").target, ElementsAre(FloatEq(0.4f), FloatEq(0.3f), FloatEq(0.3f), 0, 0, 0, 0, 0));
  // 6 of 10 is less than three quarters, 6 + 2 + 2 (equal, so both) is enough
  EXPECT_THAT(judge({6, 2, 2, 0, 0, 0, 0, 0, 0, 0}, "probability").target,
              ElementsAre(FloatEq(0.6f), FloatEq(0.2f), FloatEq(0.2f), 0, 0, 0, 0, 0));
  // 8 of 10 is enough: the 2 are not asked
  EXPECT_THAT(judge({8, 2, 0, 0, 0, 0, 0, 0, 0, 0}, "probability").target, ElementsAre(1, 0, 0, 0, 0, 0, 0, 0));
}

TEST(Votes, ProbabilityLeavesOutWhatIsTooSpread) {
  EXPECT_EQ(judge({3, 3, 2, 2, 0, 0, 0, 0, 0, 0}, "probability").label, -1);  // 3, 3, then 2 and 2 together: four classes
  EXPECT_EQ(judge({2, 2, 2, 2, 2, 0, 0, 0, 0, 0}, "probability").label, -1);
  EXPECT_EQ(judge(kNobody, "probability").label, -1);
}

TEST(Votes, ProbabilityStopsAtUnknown) {
  // 4 neutral, then 3 happy and 3 unknown are equal: happy counts, unknown ends it; 7 of 10 are covered
  EXPECT_THAT(judge({4, 3, 0, 0, 0, 0, 0, 0, 3, 0}, "probability").target,
              ElementsAre(FloatEq(4 / 7.0f), FloatEq(3 / 7.0f), 0, 0, 0, 0, 0, 0));
  // 5 neutral and 5 unknown: half is not more than half
  EXPECT_EQ(judge({5, 0, 0, 0, 0, 0, 0, 0, 5, 0}, "probability").label, -1);
  // unknown first of all
  EXPECT_EQ(judge({3, 0, 0, 0, 0, 0, 0, 0, 7, 0}, "probability").label, -1);
}

TEST(Votes, MultiTargetTakesEveryClassWithThreeTenths) {
  EXPECT_THAT(judge(kThree, "multi_target").target, ElementsAre(FloatEq(0.4f), FloatEq(0.3f), FloatEq(0.3f), 0, 0, 0, 0, 0));
  EXPECT_THAT(judge({6, 2, 2, 0, 0, 0, 0, 0, 0, 0}, "multi_target").target, ElementsAre(1, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(judge({2, 2, 2, 2, 2, 0, 0, 0, 0, 0}, "multi_target").label, -1);
  EXPECT_EQ(judge({5, 2, 2, 2, 0, 0, 0, 0, 0, 0}, "multi_target").label, -1);  // 5 of 11 is at most half
  // 4 fear and 4 unknown of 10: unknown is dropped, fear is all of the rest
  EXPECT_THAT(judge({0, 0, 0, 0, 2, 0, 4, 0, 4, 0}, "multi_target").target, ElementsAre(0, 0, 0, 0, 0, 0, 1, 0));
  EXPECT_EQ(judge(kNobody, "multi_target").label, -1);
}

TEST(Votes, LabelIsTheMostProbableClass) {
  for (const char* mode : {"majority", "probability", "crossentropy", "multi_target"}) {
    const auto verdict = judge({1, 0, 2, 0, 7, 0, 0, 0, 0, 0}, mode);
    EXPECT_EQ(verdict.label, 4) << mode;
    EXPECT_EQ(verdict.target.size(), 8u);
  }
  EXPECT_THAT(judge(kNobody, "majority").target, IsEmpty());
  EXPECT_THROW(judge(kClear, "plurality"), std::logic_error);
}

}  // namespace
}  // namespace leaf
