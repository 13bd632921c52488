#include "leaf/model/backbone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace leaf {
namespace {

TEST(Backbones, AreRegisteredByName) {
  EXPECT_THAT(backbones().names(), testing::IsSupersetOf({"resnet18", "resnet34", "resnet50", "wideresnet28_2", "wideresnet28_8"}));
}

}  // namespace
}  // namespace leaf
