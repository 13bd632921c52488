#include "leaf/batches/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/batches/prefetch.h"

namespace leaf {
namespace {

/// Noise faces in memory.
class NoiseFaces : public FaceStore {
 public:
  explicit NoiseFaces(int64_t n) : n_(n) {}
  int64_t size() const override { return n_; }
  Image face(int64_t row) const override {
    Image image(20, 20);
    Rng rng = Rng(9).split(row);
    for (auto& value : image.pixels) value = static_cast<uint8_t>(rng.bits());
    return image;
  }

 private:
  int64_t n_;
};

std::shared_ptr<Dataset> noise_dataset(int64_t n) {
  auto dataset = std::make_shared<Dataset>();
  dataset->classes = {"neutral", "happiness", "surprise"};
  dataset->faces = std::make_shared<NoiseFaces>(n);
  for (int64_t i = 0; i < n; ++i) {
    Record record;
    record.label = i % 10 == 0 ? 0 : i % 10 == 1 ? 1 : 2;  // a long tail
    dataset->records.push_back(record);
  }
  return dataset;
}

Pool rows(const std::shared_ptr<Dataset>& dataset, int64_t begin, int64_t end) {
  Pool pool{dataset, {}};
  for (int64_t i = begin; i < end; ++i) pool.rows.push_back(i);
  return pool;
}

Loader make_loader(bool balanced = false, uint64_t seed = 1) {
  const auto dataset = noise_dataset(60);
  LoaderOptions options;
  options.views.size = 16;
  options.count = {.weak = 2, .strong = 1, .labeled_strong = 1};
  options.labeled_batch = 6;
  options.unlabeled_batch = 5;
  options.class_balanced = balanced;
  options.seed = seed;
  return Loader(rows(dataset, 0, 20), rows(dataset, 20, 60), options);
}

/// The first three steps learn from labels and a teacher.
Loader taught_loader(uint64_t seed = 1) {
  const auto dataset = noise_dataset(60);
  LoaderOptions options;
  options.views.size = 16;
  options.count = {.weak = 2, .strong = 1, .labeled_strong = 1};
  options.labeled_batch = 6;
  options.unlabeled_batch = 5;
  options.labeled_steps = 3;
  options.taught = torch::arange(120, torch::kFloat32).view({40, 3});
  options.taught_batch = 7;
  options.seed = seed;
  return Loader(rows(dataset, 0, 20), rows(dataset, 20, 60), options);
}

void expect_equal(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_TRUE(torch::equal(a.labeled, b.labeled));
  EXPECT_TRUE(torch::equal(a.labels, b.labels));
  EXPECT_TRUE(torch::equal(a.faces, b.faces));
  for (size_t k = 0; k < a.weak.size(); ++k) EXPECT_TRUE(torch::equal(a.weak[k], b.weak[k]));
  for (size_t k = 0; k < a.strong.size(); ++k) EXPECT_TRUE(torch::equal(a.strong[k], b.strong[k]));
}

TEST(Loader, GivesBatchesAsAPureFunctionOfSeedAndStep) {
  const auto loader = make_loader(), again = make_loader();
  const auto seventh = loader.batch(7);
  loader.batch(3);
  expect_equal(seventh, loader.batch(7));
  expect_equal(seventh, again.batch(7));
  EXPECT_FALSE(torch::equal(seventh.labeled, make_loader(false, 2).batch(7).labeled));
  EXPECT_FALSE(torch::equal(seventh.labeled, loader.batch(8).labeled));
}

TEST(Loader, GivesEveryViewItsOwnShape) {
  const auto batch = make_loader().batch(0);
  EXPECT_EQ(batch.labeled.sizes(), (std::vector<int64_t>{6, 3, 16, 16}));
  ASSERT_EQ(batch.weak.size(), 2u);
  EXPECT_EQ(batch.weak[1].sizes(), (std::vector<int64_t>{5, 3, 16, 16}));
  EXPECT_FALSE(torch::equal(batch.weak[0], batch.weak[1]));
  EXPECT_EQ(batch.targets.sum().item<float>(), 6);
  EXPECT_TRUE(torch::equal(batch.targets.argmax(1), batch.labels));
}

TEST(Loader, ShowsEveryFaceOnceAnEpoch) {
  const auto loader = make_loader();
  std::multiset<int64_t> seen;
  for (int64_t step = 0; step < 16; ++step) {  // 80 faces: two epochs of 40
    const auto faces = loader.batch(step).faces;
    for (int64_t i = 0; i < faces.numel(); ++i) seen.insert(faces[i].item<int64_t>());
  }
  for (int64_t face = 0; face < 40; ++face) EXPECT_EQ(seen.count(face), 2u) << face;
}

/// How often each of three classes is drawn in twenty steps.
std::vector<int64_t> drawn_labels(const Loader& loader) {
  std::vector<int64_t> counts(3);
  for (int64_t step = 0; step < 20; ++step) {
    const auto labels = loader.batch(step).labels;
    for (int64_t i = 0; i < labels.numel(); ++i) ++counts[labels[i].item<int64_t>()];
  }
  return counts;
}

TEST(Loader, BalancesClassesWhenAsked) { EXPECT_EQ(drawn_labels(make_loader(true)), (std::vector<int64_t>{40, 40, 40})); }

TEST(Loader, BalancesTheClassesThatHaveALabeledFace) {
  const auto dataset = noise_dataset(60);
  auto labeled = rows(dataset, 0, 20);
  std::erase_if(labeled.rows, [&](int64_t row) { return dataset->records[row].label == 1; });
  LoaderOptions options;
  options.views.size = 16;
  options.count = {.weak = 0, .strong = 0};
  options.labeled_batch = 6;
  options.class_balanced = true;
  EXPECT_EQ(drawn_labels(Loader(labeled, {}, options)), (std::vector<int64_t>{60, 0, 60}));
}

TEST(Loader, GivesTaughtFacesInTheFirstSteps) {
  const auto loader = taught_loader();
  std::multiset<int64_t> seen;
  for (int64_t step = 0; step < 3; ++step) {
    const auto batch = loader.batch(step);
    EXPECT_EQ(batch.labeled.sizes(), (std::vector<int64_t>{6, 3, 16, 16}));
    EXPECT_TRUE(batch.weak.empty());
    EXPECT_TRUE(batch.labeled_strong.empty());
    ASSERT_EQ(batch.strong.size(), 1u);
    EXPECT_EQ(batch.strong[0].sizes(), (std::vector<int64_t>{7, 3, 16, 16}));
    EXPECT_TRUE(torch::equal(batch.taught, loader.options().taught.index_select(0, batch.faces)));
    for (int64_t i = 0; i < 7; ++i) seen.insert(batch.faces[i].item<int64_t>());
  }
  EXPECT_EQ(std::set<int64_t>(seen.begin(), seen.end()).size(), 21u) << "no face twice";
  const auto after = loader.batch(3);
  EXPECT_EQ(after.weak.size(), 2u);
  EXPECT_EQ(after.labeled_strong.size(), 1u);
  EXPECT_EQ(after.strong.at(0).sizes(), (std::vector<int64_t>{5, 3, 16, 16}));
  EXPECT_TRUE(torch::equal(after.taught, loader.options().taught.index_select(0, after.faces)));
  EXPECT_FALSE(make_loader().batch(3).taught.defined());
}

TEST(Loader, GivesTaughtBatchesAsAPureFunctionOfSeedAndStep) {
  const auto loader = taught_loader(), again = taught_loader();
  for (const int64_t step : {1, 5}) {
    const auto batch = loader.batch(step);
    loader.batch(step + 1);
    expect_equal(batch, loader.batch(step));
    expect_equal(batch, again.batch(step));
    EXPECT_TRUE(torch::equal(batch.taught, again.batch(step).taught));
    EXPECT_FALSE(torch::equal(batch.faces, taught_loader(2).batch(step).faces));
  }
}

TEST(Loader, CountsTheViewsOfItsBatches) {
  for (const auto& loader : {taught_loader(), make_loader()}) {
    int64_t before = 0;
    for (int64_t step = 0; step < 6; ++step) {
      EXPECT_EQ(loader.views_before(step), before) << step;
      const auto batch = loader.batch(step);
      int64_t views = batch.labeled.size(0);
      for (const auto* all : {&batch.labeled_strong, &batch.weak, &batch.strong}) {
        for (const auto& view : *all) views += view.size(0);
      }
      EXPECT_EQ(loader.views(step), views) << step;
      before += views;
    }
  }
}

TEST(Loader, NeedsTheTeachersWordOfEveryUnlabeledFace) {
  const auto dataset = noise_dataset(30);
  LoaderOptions options;
  options.count = {.weak = 0, .strong = 0};
  options.taught = torch::zeros({9, 3});
  EXPECT_ANY_THROW(Loader(rows(dataset, 0, 20), rows(dataset, 20, 30), options));
  options.taught = torch::zeros({0, 3});
  EXPECT_THROW(Loader(rows(dataset, 0, 20), rows(dataset, 20, 20), options), Error);
}

TEST(Loader, RefusesEmptyPools) {
  const auto dataset = noise_dataset(10);
  EXPECT_THROW(Loader(rows(dataset, 0, 0), rows(dataset, 0, 10), {}), Error);
  EXPECT_THROW(Loader(rows(dataset, 0, 10), rows(dataset, 0, 0), {}), Error);
}

TEST(Loader, WorksWithoutLabeledFaces) {
  const auto dataset = noise_dataset(10);
  LoaderOptions options;
  options.views.size = 16;
  options.count = {.weak = 0, .strong = 2};
  options.labeled_batch = 0;
  options.unlabeled_batch = 4;
  const auto batch = Loader(rows(dataset, 0, 0), rows(dataset, 0, 10), options).batch(3);
  EXPECT_EQ(batch.labeled.sizes(), (std::vector<int64_t>{0, 3, 16, 16}));
  EXPECT_EQ(batch.labels.numel() + batch.targets.numel() + batch.labeled_faces.numel(), 0);
  ASSERT_EQ(batch.strong.size(), 2u);
  EXPECT_EQ(batch.strong[1].sizes(), (std::vector<int64_t>{4, 3, 16, 16}));
  EXPECT_FALSE(torch::equal(batch.strong[0], batch.strong[1]));
  EXPECT_THROW(Loader(rows(dataset, 0, 0), rows(dataset, 0, 0), options), Error);
}

TEST(Prefetcher, ChangesNothingWhateverTheNumberOfThreads) {
  const auto loader = make_loader();
  for (const int64_t workers : {0, 1, 4}) {
    Prefetcher batches(loader, 5, workers);
    for (int64_t step = 5; step < 12; ++step) expect_equal(batches.next(), loader.batch(step));
  }
}

TEST(Epochs, GoOnInsideABatch) {
  const Epochs epochs(3, Rng(4));
  std::vector<int64_t> all;
  for (int64_t step = 0; step < 3; ++step) {
    for (const auto p : epochs.positions(5, step)) all.push_back(p);
  }
  for (size_t epoch = 0; epoch < 5; ++epoch) {
    const std::set<int64_t> part(all.begin() + epoch * 3, all.begin() + epoch * 3 + 3);
    EXPECT_EQ(part.size(), 3u);
  }
}

TEST(Epochs, AreTheSameInAnyOrderOfAsking) {
  const Epochs forward(10, Rng(5)), backward(10, Rng(5));
  std::map<int64_t, std::vector<int64_t>> seen;
  for (int64_t step = 0; step < 12; ++step) seen[step] = forward.positions(4, step);
  for (int64_t step = 11; step >= 0; --step) EXPECT_EQ(backward.positions(4, step), seen[step]) << step;
  EXPECT_THROW(Epochs(0, Rng(1)).positions(1, 0), std::logic_error);
}

}  // namespace
}  // namespace leaf
