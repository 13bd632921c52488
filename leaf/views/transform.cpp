#include "leaf/views/transform.h"

#include <algorithm>
#include <cmath>

#include "leaf/views/rand_augment.h"
#include "leaf/views/resize.h"

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

/// SimCLR's crop: a part of the central square, a share of its area between `strong_crop` and 1 and up to 4/3 as wide as high or
/// the reverse, enlarged to the whole view. The face is resized until the part has the view's size; only the part is computed.
Image cropped_view(const Image& face, const ViewOptions& options, Rng& rng) {
  auto window = central_window(face, options.size);
  const double share = rng.uniform(options.strong_crop, 1), wider = std::exp(rng.uniform(-std::log(4.0 / 3), std::log(4.0 / 3)));
  const auto place = [&](int64_t& whole, int64_t& begin, double part) {  // along one side
    const double zoom = std::max(1.0, 1 / part);
    const auto scaled = [&](int64_t length) { return static_cast<int64_t>(std::lround(zoom * static_cast<double>(length))); };
    whole = scaled(whole);
    begin = std::min(scaled(begin) + rng.below(scaled(options.size) - options.size + 1), whole - options.size);
  };
  place(window.height, window.top, std::sqrt(share / wider));
  place(window.width, window.left, std::sqrt(share * wider));
  window.flip = rng.chance(options.flip);
  return resize(face, window);
}

}  // namespace

Transform weak_transform(const ViewOptions& options) {
  return [options](const Image& face, Rng& rng) { return weak_view(face, options, rng); };
}

Transform strong_transform(const ViewOptions& options) {
  return [options, among = operations_without(options.exclude)](const Image& face, Rng& rng) {
    auto augmented = rand_augment(face, among, options.operations, rng);
    if (options.cutout) augmented = random_cutout(std::move(augmented), rng);
    return options.strong_crop < 1 ? cropped_view(augmented, options, rng) : weak_view(augmented, options, rng);
  };
}

Transform plain_transform(const ViewOptions& options) {
  return [options](const Image& face, Rng&) { return resize(face, central_window(face, options.size)); };
}

}  // namespace leaf
