#pragma once

#include <cstdint>

#include "leaf/base/parallel.h"
#include "leaf/base/rng.h"
#include "leaf/pictures/image.h"
#include "leaf/views/normalize.h"
#include "leaf/views/options.h"
#include "leaf/views/transform.h"

namespace leaf {

/// Faces as evaluation and prediction see them: resized (plain_transform), normalized. `face(i)` is an Image or a reference to
/// one, for i in [0, n); its view goes to `to` + i · 3 · size², [size, size, 3]. On up to `threads` threads, which call
/// `face` at once.
template <typename Face>
void write_plain_views(int64_t n, const Face& face, const ViewOptions& options, int threads, float* to) {
  const auto transform = plain_transform(options);
  parallel_for(n, threads, [&](int64_t i) {
    Rng unused(0);  // plain views have nothing random
    const Image& one = face(i);
    write_normalized(transform(one, unused), to + i * 3 * options.size * options.size);
  });
}

}  // namespace leaf
