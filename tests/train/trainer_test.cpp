#include "leaf/train/trainer.h"

#include <gtest/gtest.h>

namespace leaf {
namespace {

TEST(EpochEnd, DividesTheStepsEvenly) {
  EXPECT_EQ(epoch_end(1, 32000, 20), 1600);
  EXPECT_EQ(epoch_end(20, 32000, 20), 32000);
  EXPECT_EQ(epoch_end(2, 7, 3), 4);
}

}  // namespace
}  // namespace leaf
