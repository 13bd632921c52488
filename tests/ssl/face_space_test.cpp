#include "leaf/ssl/face_space.h"

#include <gtest/gtest.h>

#include "leaf/data/load_dataset.h"
#include "leaf/data/source.h"
#include "leaf/pools/pools.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

TEST(FaceSpace, HoldsTheFacesThatSpanIt) {
  torch::manual_seed(1);
  const auto plane = torch::randn({3, 20}), faces = torch::randn({30, 3}).mm(plane) + 0.5;
  const FaceSpace space(faces);
  EXPECT_LT(space.distance(torch::randn({5, 3}).mm(plane) + 0.5).max().item<float>(), 1e-3);
}

TEST(FaceSpace, MeasuresWhatIsOrthogonalToIt) {
  torch::manual_seed(2);
  auto faces = torch::randn({60, 50});
  faces.slice(1, 45, 50).zero_();  // nothing in the last five dimensions, and 40 eigenfaces leave five more
  const FaceSpace space(faces);
  auto outside = faces.mean(0, true).repeat({1, 1});
  outside[0][49] += 2;
  EXPECT_TRUE(near(space.distance(outside), torch::full({1}, 2.0F), 1e-3));
}

Pool pool_of(const std::shared_ptr<const Dataset>& dataset, int64_t begin, int64_t end) {
  Pool pool{dataset, {}};
  for (int64_t i = begin; i < end; ++i) pool.rows.push_back(i);
  return pool;
}

std::shared_ptr<const Dataset> drawn_faces(int64_t count) {
  return std::make_shared<const Dataset>(
      load_dataset("synthetic:" + std::to_string(count) + ",size=48,classes=7", {}, 2, [](int64_t, int64_t) {}));
}

TEST(WithinFaceSpace, KeepsFacesAndTheirOrder) {
  const auto faces = drawn_faces(400);
  ViewOptions views;
  views.size = 48;
  const auto kept = within_face_space(pool_of(faces, 200, 400), pool_of(faces, 0, 100), pool_of(faces, 100, 200), views,
                                      {.reject = "face_space"});
  EXPECT_GT(kept.size(), 160);  // about 95 of 100
  EXPECT_TRUE(std::is_sorted(kept.rows.begin(), kept.rows.end()));
  const auto none = within_face_space(pool_of(faces, 200, 400), pool_of(faces, 0, 100), pool_of(faces, 100, 200), views,
                                      {.reject = "face_space", .factor = 0});
  EXPECT_EQ(none.size(), 1);
  EXPECT_EQ(within_face_space(pool_of(faces, 0, 0), pool_of(faces, 0, 100), pool_of(faces, 100, 200), views, {}).size(), 0);
}

TEST(WithinFaceSpace, LeavesOutNoise) {
  torch::manual_seed(3);
  const auto faces = drawn_faces(300);
  ViewOptions views;
  views.size = 48;
  const auto known = small_pictures(pool_of(faces, 0, 200), views), good = small_pictures(pool_of(faces, 200, 300), views);
  EXPECT_EQ(good.sizes(), (std::vector<int64_t>{100, 256}));
  EXPECT_TRUE(near(good.norm(2, 1), torch::ones({100}), 1e-4));
  auto noise = torch::randn({100, 256});
  noise = noise / noise.norm(2, 1, true);
  const FaceSpace space(known);
  EXPECT_LT(space.distance(good).quantile(0.95).item<float>(), space.distance(noise).min().item<float>());
}

}  // namespace
}  // namespace leaf
