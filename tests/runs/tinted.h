#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leaf/base/rng.h"
#include "leaf/config/config.h"
#include "leaf/data/dataset.h"

namespace leaf {

/// Faces of three classes that a network learns in a few steps: 16×16 pixels of noise, reddish, greenish or bluish. Unclear ones
/// have a random color as well, so that nobody could tell all of them. Row i is of the class i % 3.
class TintedFaces : public FaceStore {
 public:
  explicit TintedFaces(int64_t n, bool unclear = false, bool mirrored = false) : n_(n), unclear_(unclear), mirrored_(mirrored) {}
  int64_t size() const override { return n_; }
  Image face(int64_t row) const override {
    constexpr int64_t kSize = 16;
    Image image(kSize, kSize);
    Rng rng = Rng(9).split(row);
    double tint[3];
    for (int64_t c = 0; c < 3; ++c) tint[c] = (unclear_ ? 20 * rng.uniform() : 0) + (c == row % 3 ? 10 + 10 * rng.uniform() : 0);
    for (int64_t i = 0; i < kSize * kSize * 3; ++i) {
      const double value = 118 + 20 * rng.uniform() + tint[i % 3] + static_cast<double>(i) / 24;
      const int64_t pixel = i / 3, x = pixel % kSize;
      image.pixels[(mirrored_ ? pixel - x + kSize - 1 - x : pixel) * 3 + i % 3] = static_cast<uint8_t>(value);
    }
    return image;
  }

 private:
  int64_t n_;
  bool unclear_, mirrored_;
};

inline std::shared_ptr<Dataset> tinted_dataset(int64_t n, bool unclear = false) {
  auto dataset = std::make_shared<Dataset>();
  dataset->name = "tinted";
  dataset->classes = {"neutral", "happiness", "surprise"};
  dataset->faces = std::make_shared<TintedFaces>(n, unclear);
  for (int64_t i = 0; i < n; ++i) {
    Record record;
    record.path = std::to_string(i);
    record.label = i % 3;
    dataset->records.push_back(record);
  }
  return dataset;
}

/// So many faces of each class, taken from `next` on, where the next pool begins.
inline Pool tinted_pool(const std::shared_ptr<const Dataset>& dataset, const std::vector<int64_t>& counts, int64_t& next) {
  Pool pool{dataset, {}};
  const int64_t blocks = *std::max_element(counts.begin(), counts.end());
  for (int64_t block = 0; block < blocks; ++block) {
    for (int64_t c = 0; c < 3; ++c) {
      if (block < counts[c]) pool.rows.push_back(next + 3 * block + c);
    }
  }
  next += 3 * blocks;
  return pool;
}

/// A run on such faces.
inline Config tinted_config() {
  Config config;
  config.method = "paper";
  config.data.source = "tinted";
  config.data.labels = 30;
  config.views.size = 16;
  config.views.padding = 2;
  config.views.workers = 1;
  config.model.backbone = "resnet10_half";
  config.model.stem = "imagenet";
  config.train.threads = 1;
  config.train.labeled_batch = config.train.unlabeled_batch = 8;
  return config;
}

}  // namespace leaf
