#include "leaf/train/metrics.h"

#include <gtest/gtest.h>

namespace leaf {
namespace {

// Worked out by hand: true a a a b b c, predicted a a b b a b.
Metrics example() { return measure({"a", "b", "c", "d"}, {0, 0, 0, 1, 1, 2}, {0, 0, 1, 1, 0, 1}); }

TEST(Metrics, AreThoseWorkedOutByHand) {
  const auto metrics = example();
  EXPECT_EQ(metrics.faces, 6);
  EXPECT_DOUBLE_EQ(metrics.accuracy, 3.0 / 6);
  EXPECT_DOUBLE_EQ(metrics.balanced_accuracy, (2.0 / 3 + 1.0 / 2 + 0) / 3);
  EXPECT_DOUBLE_EQ(metrics.per_class[0].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.per_class[1].precision, 1.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.per_class[1].f1, 2 * (1.0 / 3) * (1.0 / 2) / (1.0 / 3 + 1.0 / 2));
  EXPECT_DOUBLE_EQ(metrics.macro_f1, (2.0 / 3 + 0.4 + 0) / 3);
  EXPECT_EQ(metrics.confusion[2][1], 1);
}

TEST(Metrics, LeaveOutClassesWithoutAFace) {
  const auto metrics = example();
  EXPECT_EQ(metrics.per_class[3].support, 0);
  EXPECT_EQ(metrics.weakest(), 2);
}

TEST(Metrics, AreZeroForNoFace) {
  const auto metrics = measure({"a", "b"}, {}, {});
  EXPECT_EQ(metrics.accuracy, 0);
  EXPECT_EQ(metrics.balanced_accuracy, 0);
  EXPECT_EQ(metrics.weakest(), -1);
}

TEST(Metrics, AreWrittenAsTables) {
  EXPECT_EQ(confusion_csv(example()), "true\\predicted,a,b,c,d\na,2,1,0,0\nb,1,1,0,0\nc,0,1,0,0\nd,0,0,0,0\n");
  EXPECT_EQ(classes_csv(example()).substr(0, 72), "class,precision,recall,f1,support\na,0.666667,0.666667,0.666667,3\nb,0.333");
}

TEST(Metrics, SayHowFarProbabilitiesAreOff) {
  // Ten faces at 0.95, nine of them right; ten at 0.55, three of them right.
  std::vector<int64_t> labels(20, 0), predicted(20, 0);
  std::vector<double> confidences(10, 0.95);
  confidences.insert(confidences.end(), 10, 0.55);
  predicted[0] = 1;
  for (size_t i = 10; i < 17; ++i) predicted[i] = 1;
  const auto metrics = measure({"a", "b"}, labels, predicted, confidences);
  ASSERT_EQ(metrics.reliability.size(), 15U);
  EXPECT_EQ(metrics.reliability[14].faces, 10);
  EXPECT_NEAR(metrics.reliability[8].accuracy, 0.3, 1e-12);
  EXPECT_NEAR(metrics.calibration_error, 0.5 * 0.05 + 0.5 * 0.25, 1e-12);
  EXPECT_TRUE(measure({"a", "b"}, labels, predicted).reliability.empty());
  EXPECT_THROW(measure({"a", "b"}, labels, predicted, {0.5}), std::logic_error);
  EXPECT_EQ(measure({"a", "b"}, {0}, {0}, {1.0}).reliability[14].faces, 1);
}

}  // namespace
}  // namespace leaf
