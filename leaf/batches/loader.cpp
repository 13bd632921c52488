#include "leaf/batches/loader.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/views/normalize.h"
#include "leaf/views/plain_views.h"

namespace leaf {
namespace {

/// The random streams below a run's seed.
enum Stream : uint64_t { kLabeledOrder = 1, kUnlabeledOrder, kLabeledView, kLabeledStrong, kWeakView, kStrongView };

/// [n, 3, size, size] in channels-last order, not filled.
torch::Tensor empty_views(int64_t n, int64_t size) {
  return torch::empty({n, 3, size, size}, torch::TensorOptions(), torch::MemoryFormat::ChannelsLast);
}

/// [n, 3, H, W]: one view of each face; face i takes its random numbers from `rng.split(i)`.
torch::Tensor make_views(const Pool& pool, const std::vector<int64_t>& positions, const Transform& transform, int64_t size,
                         const Rng& rng) {
  const auto n = static_cast<int64_t>(positions.size());
  auto views = empty_views(n, size);
  float* data = views.data_ptr<float>();
  for (int64_t i = 0; i < n; ++i) {
    Rng own = rng.split(i);
    const auto view = transform(pool.dataset->faces->face(pool.rows[positions[i]]), own);
    TORCH_CHECK(view.height == size && view.width == size, "a view must have the size that was asked for");
    write_normalized(view, data + i * 3 * size * size);
  }
  return views;
}

const Record& record(const Pool& pool, int64_t position) { return pool.dataset->records[pool.rows[position]]; }

}  // namespace

Loader::Loader(Pool labeled, Pool unlabeled, LoaderOptions options)
    : labeled_(std::move(labeled)),
      unlabeled_(std::move(unlabeled)),
      options_(std::move(options)),
      weak_(weak_transform(options_.views)),
      strong_(strong_transform(options_.views)) {
  if (options_.labeled_batch > 0 && labeled_.size() == 0)
    fail("training needs labeled faces, but none was found; check the labels of the data set");
  const bool needs_unlabeled = options_.count.unlabeled() > 0 || options_.taught.defined();
  TORCH_CHECK(!options_.taught.defined() || options_.taught.size(0) == unlabeled_.size(),
              "a teacher judges every unlabeled face");
  if (needs_unlabeled && unlabeled_.size() == 0) {
    fail(
        "this algorithm needs unlabeled faces, but there is none: every face has a label that is used, or "
        "data.unlabeled_share is 0; ask for fewer with --labels, name a second source with --unlabeled, or train with "
        "--algorithm supervised");
  }
  by_class_.resize(labeled_.dataset->classes.size());
  for (int64_t i = 0; i < labeled_.size(); ++i) by_class_[record(labeled_, i).label].push_back(i);
  std::erase_if(by_class_, [](const auto& faces) { return faces.empty(); });
  const Rng root(options_.seed), labels = root.split(kLabeledOrder);
  const bool balanced = options_.class_balanced;
  labeled_epochs_ = std::make_shared<Epochs>(balanced ? static_cast<int64_t>(by_class_.size()) : labeled_.size(),
                                             balanced ? labels.split(0) : labels);
  unlabeled_epochs_ = std::make_shared<Epochs>(unlabeled_.size(), root.split(kUnlabeledOrder));
}

std::vector<int64_t> Loader::labeled_positions(int64_t step) const {
  if (options_.labeled_batch == 0) return {};
  const auto drawn = labeled_epochs_->positions(options_.labeled_batch, step);
  if (!options_.class_balanced) return drawn;
  const Rng rng = Rng(options_.seed).split(kLabeledOrder);
  std::vector<int64_t> positions;
  for (const int64_t c : drawn) {
    Rng own = rng.split(1).split(step).split(positions.size());
    positions.push_back(by_class_[c][own.below(static_cast<int64_t>(by_class_[c].size()))]);
  }
  return positions;
}

int64_t Loader::views(int64_t step) const {
  return step < options_.labeled_steps ? options_.labeled_batch + options_.taught_batch
                                       : options_.count.total(options_.labeled_batch, options_.unlabeled_batch);
}

int64_t Loader::views_before(int64_t step) const {
  const int64_t first = std::min(step, options_.labeled_steps);
  return first * (options_.labeled_batch + options_.taught_batch) +
         (step - first) * options_.count.total(options_.labeled_batch, options_.unlabeled_batch);
}

/// Fills in so many unlabeled faces, and the views of each that are asked for.
void Loader::add_unlabeled(Batch& batch, int64_t count, const ViewCount& views) const {
  const Rng root(options_.seed);
  const auto stream = [&](Stream name, int64_t view) { return root.split(name).split(view).split(batch.step); };
  const auto faces = unlabeled_epochs_->positions(count, batch.step);
  batch.faces = torch::tensor(faces);
  if (options_.taught.defined()) batch.taught = options_.taught.index_select(0, batch.faces);
  for (int64_t k = 0; k < views.weak; ++k)
    batch.weak.push_back(make_views(unlabeled_, faces, weak_, options_.views.size, stream(kWeakView, k)));
  for (int64_t k = 0; k < views.strong; ++k)
    batch.strong.push_back(make_views(unlabeled_, faces, strong_, options_.views.size, stream(kStrongView, k)));
}

Batch Loader::batch(int64_t step) const {
  const Rng root(options_.seed);
  const int64_t size = options_.views.size;
  const auto stream = [&](Stream name, int64_t view) { return root.split(name).split(view).split(step); };
  Batch batch;
  batch.step = step;

  const auto labeled = labeled_positions(step);
  const auto classes = static_cast<int64_t>(labeled_.dataset->classes.size());
  batch.labeled =
      make_views(labeled_, labeled, options_.views.labeled == "strong" ? strong_ : weak_, size, stream(kLabeledView, 0));
  batch.labeled_faces = torch::tensor(labeled);
  batch.labels = torch::empty({options_.labeled_batch}, torch::kInt64);
  batch.targets = torch::zeros({options_.labeled_batch, classes});
  auto labels = batch.labels.accessor<int64_t, 1>();
  auto targets = batch.targets.accessor<float, 2>();
  for (int64_t i = 0; i < options_.labeled_batch; ++i) {
    const auto& face = record(labeled_, labeled[i]);
    labels[i] = face.label;
    if (face.target.empty()) targets[i][face.label] = 1;
    for (size_t c = 0; c < face.target.size(); ++c) targets[i][static_cast<int64_t>(c)] = face.target[c];
  }
  if (step < options_.labeled_steps) {
    if (options_.taught_batch > 0) add_unlabeled(batch, options_.taught_batch, {.weak = 0, .strong = 1});
    return batch;
  }
  for (int64_t k = 0; k < options_.count.labeled_strong; ++k) {
    batch.labeled_strong.push_back(make_views(labeled_, labeled, strong_, size, stream(kLabeledStrong, k)));
  }

  if (options_.count.unlabeled() > 0) add_unlabeled(batch, options_.unlabeled_batch, options_.count);
  return batch;
}

torch::Tensor plain_views(const Pool& pool, int64_t begin, int64_t end, const ViewOptions& options) {
  auto views = empty_views(end - begin, options.size);
  const auto face = [&](int64_t i) { return pool.dataset->faces->face(pool.rows[begin + i]); };
  write_plain_views(end - begin, face, options, at::get_num_threads(), views.data_ptr<float>());
  return views;
}

}  // namespace leaf
