#include "leaf/pictures/charts/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stdexcept>

namespace leaf {
namespace {

int64_t count_of(const Image& image, Color color) {
  int64_t count = 0;
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    count += image.pixels[i] == color[0] && image.pixels[i + 1] == color[1] && image.pixels[i + 2] == color[2];
  }
  return count;
}

constexpr Color kFull = {23, 84, 150}, kFirstLine = {0, 114, 178}, kSecondLine = {213, 94, 0};

TEST(ConfusionPicture, ShadesByTheShareOfTheRow) {
  const auto perfect = confusion_picture({"no", "yes"}, {{5, 0}, {0, 900}}, "title");
  const auto half = confusion_picture({"no", "yes"}, {{5, 0}, {450, 450}}, "title");
  EXPECT_NEAR(static_cast<double>(count_of(perfect, kFull)), 2.0 * static_cast<double>(count_of(half, kFull)), 200);
  EXPECT_GT(count_of(half, kFull), 2000);
}

TEST(ConfusionPicture, TakesAClassWithoutFaces) {
  EXPECT_EQ(count_of(confusion_picture({"a", "b"}, {{0, 0}, {0, 0}}, ""), kFull), 0);
}

TEST(ConfusionPicture, GrowsWithItsNames) {
  const std::vector<std::vector<int64_t>> counts = {{1, 2}, {3, 4}};
  const auto small = confusion_picture({"a", "b"}, counts, ""),
             large = confusion_picture({"a", "a name too long for its cell"}, counts, "");
  EXPECT_GT(large.width, small.width + 100);
  EXPECT_GT(large.height, small.height + 100) << "its column's name is written upwards";
}

TEST(ConfusionPicture, RefusesWhatIsNotSquare) {
  EXPECT_THROW(confusion_picture({"a", "b"}, {{1, 2}}, ""), std::logic_error);
  EXPECT_THROW(confusion_picture({"a", "b"}, {{1, 2}, {3}}, ""), std::logic_error);
  EXPECT_THROW(confusion_picture({}, {}, ""), std::logic_error);
}

TEST(LineChart, DrawsEachSeriesInItsColor) {
  LineChart chart = {"title", "x", "y", {{"one", {1, 2, 3}, {1, 4, 9}, {}}}};
  const auto one = line_chart(chart);
  chart.series.push_back({"two", {1, 2, 3}, {3, 2, 1}, {0.5, 0.5, 0.5}});
  const auto two = line_chart(chart);
  EXPECT_EQ(two.height, 540);
  EXPECT_EQ(two.width, 900);
  EXPECT_GT(count_of(one, kFirstLine), 300);
  EXPECT_EQ(count_of(one, kSecondLine), 0);
  EXPECT_GT(count_of(two, kSecondLine), 300);
}

TEST(LineChart, TakesAnyNumbers) {
  const double gap = std::nan("");
  for (const bool logarithmic : {false, true}) {
    for (const auto& x : {std::vector<double>{},
                          {5},
                          {0},
                          {-1, 0, 1},
                          {1, gap, 3},
                          {1e-9, 1e9},
                          {1e300, -1e300},
                          {1e16, 1e16 + 2},
                          {3, 3.00001}}) {
      for (const double scale : {0.0, 1.0, -1e-7}) {
        auto y = x;
        for (double& value : y) value *= scale;
        EXPECT_EQ(line_chart({"", "", "", {{"name", x, y, std::vector<double>(x.size(), 0.1)}}, logarithmic}).width, 900);
      }
    }
  }
}

TEST(LineChart, RefusesLengthsThatDiffer) {
  EXPECT_THROW(line_chart({"", "", "", {{"a", {1, 2}, {1}, {}}}}), std::logic_error);
  EXPECT_THROW(line_chart({"", "", "", {{"a", {1, 2}, {1, 2}, {1}}}}), std::logic_error);
}

}  // namespace
}  // namespace leaf
