#include "leaf/pictures/contact_sheet.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace leaf {
namespace {

TEST(ContactSheet, PutsEachPictureInItsPlace) {
  const std::vector<Image> faces{Image(2, 3, {1, 2, 3}), Image(2, 3, {4, 5, 6}), Image(1, 1, {7, 8, 9})};
  const Image sheet = contact_sheet(faces, 2);
  EXPECT_EQ(sheet.height, 2 * (2 + 2) + 2);
  EXPECT_EQ(sheet.width, 2 * (3 + 2) + 2);
  EXPECT_EQ(sheet.row(0)[0], 255);
  EXPECT_EQ(sheet.row(2)[2 * 3], 1);
  EXPECT_EQ(sheet.row(3)[(2 + 5 + 2) * 3 + 2], 6);
  EXPECT_EQ(sheet.row(6)[2 * 3], 7);
  EXPECT_EQ(sheet.row(6)[3 * 3], 255);
  EXPECT_TRUE(contact_sheet({}, 4).empty());
  EXPECT_THROW(contact_sheet(faces, 0), std::logic_error);
}

}  // namespace
}  // namespace leaf
