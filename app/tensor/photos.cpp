#include "app/tensor/photos.h"

#include <fmt/format.h>

#include "app/tensor/finder.h"
#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/stop.h"
#include "leaf/base/text.h"
#include "leaf/photos/prepare.h"

namespace leaf::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPhotos = "photos:";
constexpr int64_t kSize = 128;  ///< of the faces that are kept, pixels

}  // namespace

std::string with_faces_found(const std::string& source, double margin, Observer& observer) {
  if (!source.starts_with(kPhotos)) return source;
  const auto photos = fs::absolute(source.substr(std::string(kPhotos).size())).lexically_normal();
  if (!fs::exists(photos)) fail("cannot read {}: there is no such folder", printable(photos.string()));
  const auto finder = face_finder({}, observer);
  const auto key = hash_bytes(fmt::format("{} {} {} {}", photos.string(), finder.name(), kSize, margin));
  const auto folder = fs::path("runs") / "faces" / fmt::format("{}-{:08x}", last_name(photos), key >> 32);
  const StopSignals signals;
  PrepareOptions options;
  options.sighting = {&finder, /*largest=*/true, margin, kSize, available_processors()};
  const auto made = prepare(
      {photos.string()}, folder, options, [&](const std::string& note) { observer.on_note(note); },
      [&](int64_t done, int64_t total) { observer.on_progress("finding faces", done, total); });
  observer.on_note(fmt::format(
      "{} faces found in {} pictures ({} without a face, {} unreadable) are kept in {}; faces.png shows them",
      grouped(made.faces), grouped(made.pictures), grouped(made.without), grouped(made.broken), printable(folder.string())));
  if (made.faces == 0)
    fail("no face was found in {}; see {}", printable(photos.string()), printable((folder / "faces.csv").string()));
  return "csv:" + (folder / "faces.csv").string();
}

void find_faces(Config& config, Observer& observer) {
  config.data.source = with_faces_found(config.data.source, config.views.margin, observer);
  const auto margin = prepared_margin(config.data.source);
  if (!margin) return;
  if (config.given.contains("views.margin") && config.views.margin != *margin)
    fail_usage("views.margin is {}, but the faces of {} were cut out with {}; leave it out", config.views.margin,
               printable(config.data.source), *margin);
  config.set("views.faces", Json("found"));
  config.set("views.margin", Json(*margin));
}

}  // namespace leaf::app
