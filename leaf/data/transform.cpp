#include "leaf/data/transform.h"

#include "leaf/data/rand_augment.h"
#include "leaf/data/resize.h"

namespace leaf {
namespace {

/// The weak chain: what is drawn first, then everything in one pass over the pixels.
Image weak_view(const Image& face, const ViewOptions& options, Rng& rng) {
  auto window = central_window(face, options.size);
  if (rng.chance(options.crop)) {
    window.down = options.padding - rng.below(2 * options.padding + 1);
    window.right = options.padding - rng.below(2 * options.padding + 1);
  }
  window.flip = rng.chance(options.flip);
  return resize(face, window);
}

}  // namespace

Transform weak_transform(const ViewOptions& options) {
  return [options](const Image& face, Rng& rng) { return weak_view(face, options, rng); };
}

Transform strong_transform(const ViewOptions& options) {
  return [options](const Image& face, Rng& rng) {
    auto augmented = rand_augment(face, options.operations, rng);
    if (options.cutout) augmented = random_cutout(std::move(augmented), rng);
    return weak_view(augmented, options, rng);
  };
}

Transform plain_transform(const ViewOptions& options) {
  return [options](const Image& face, Rng&) { return resize(face, central_window(face, options.size)); };
}

}  // namespace leaf
