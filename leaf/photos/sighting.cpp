#include "leaf/photos/sighting.h"

#include <ATen/Parallel.h>

#include <utility>

#include "leaf/base/error.h"
#include "leaf/base/parallel.h"

namespace leaf {
namespace {

void look_at(Sighting& sighting, const SightingOptions& options, const std::function<Image(const Image&)>& whole) {
  Image picture;
  try {
    picture = sighting.shot.picture();
  } catch (const Error& error) {
    sighting.trouble = error.what();
    return;
  }
  sighting.height = picture.height;
  sighting.width = picture.width;
  if (options.finder == nullptr) {
    sighting.cut.push_back(whole(picture));
    return;
  }
  sighting.faces = options.finder->find(picture);
  if (options.largest && sighting.faces.size() > 1) sighting.faces.resize(1);
  for (const auto& face : sighting.faces)
    sighting.cut.push_back(cut_out(picture, face_square(face, options.margin), options.size));
}

}  // namespace

std::vector<Sighting> look_at(std::vector<Shot> shots, const SightingOptions& options,
                              const std::function<Image(const Image&)>& whole) {
  std::vector<Sighting> sightings(shots.size());
  for (size_t i = 0; i < shots.size(); ++i) sightings[i].shot = std::move(shots[i]);
  const int threads_of_torch = at::get_num_threads();
  const int threads = std::min<int>(options.threads, static_cast<int>(sightings.size()));
  parallel_for(std::ssize(sightings), threads, [&](int64_t i) {
    if (threads > 1) at::set_num_threads(1);  // the pictures are shared out, so each thread's convolutions stay in it
    look_at(sightings[i], options, whole);
  });
  at::set_num_threads(threads_of_torch);
  return sightings;
}

}  // namespace leaf
