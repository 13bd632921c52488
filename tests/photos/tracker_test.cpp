#include "leaf/photos/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace leaf {
namespace {

using testing::ElementsAre;

Face at(double left, double top) { return {{left, top, 20, 20}, 1, {}}; }

TEST(Tracker, FollowsFacesThatMove) {
  Tracker tracker;
  EXPECT_THAT(tracker.follow({at(0, 0), at(100, 0)}), ElementsAre(0, 1));
  EXPECT_THAT(tracker.follow({at(103, 2), at(4, 0)}), ElementsAre(1, 0));
}

TEST(Tracker, BeginsATrackForANewFace) {
  Tracker tracker;
  tracker.follow({at(0, 0)});
  EXPECT_THAT(tracker.follow({at(50, 50), at(1, 0)}), ElementsAre(1, 0));
}

TEST(Tracker, FindsAFaceAgainThatWasNotSeenForAWhile) {
  Tracker tracker;
  tracker.follow({at(0, 0)});
  for (int64_t i = 0; i < Tracker::kPatience; ++i) tracker.follow({});
  EXPECT_THAT(tracker.follow({at(2, 0)}), ElementsAre(0));
  for (int64_t i = 0; i <= Tracker::kPatience; ++i) tracker.follow({});
  EXPECT_THAT(tracker.follow({at(2, 0)}), ElementsAre(1));
}

TEST(Tracker, GivesATrackToTheFaceThatFitsBest) {
  Tracker tracker;
  tracker.follow({at(0, 0)});
  EXPECT_THAT(tracker.follow({at(8, 0), at(1, 0)}), ElementsAre(1, 0));
}

TEST(Smoother, WeighsEarlierFramesLess) {
  Smoother smoother(0.5);
  EXPECT_THAT(smoother.smooth(0, {1, 0}), ElementsAre(1, 0));
  EXPECT_THAT(smoother.smooth(0, {0, 1}), ElementsAre(testing::FloatEq(1.0F / 3), testing::FloatEq(2.0F / 3)));
  EXPECT_THAT(smoother.smooth(1, {0, 1}), ElementsAre(0, 1));  // another track
}

TEST(Smoother, ChangesNothingWithoutWeight) {
  Smoother smoother(0);
  smoother.smooth(0, {1, 0});
  EXPECT_THAT(smoother.smooth(0, {0, 1}), ElementsAre(0, 1));
}

}  // namespace
}  // namespace leaf
