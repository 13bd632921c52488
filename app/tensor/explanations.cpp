#include "app/tensor/explanations.h"

#include <fmt/format.h>

#include <utility>

#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/faces/alignment.h"
#include "leaf/pictures/charts/canvas.h"
#include "leaf/pictures/codec.h"

namespace leaf::app {

Explanations::Explanations(std::string folder, const std::string& run, ViewOptions views)
    : folder_(std::move(folder)), views_(std::move(views)), explainer_(run) {
  if (!can_draw()) fail_usage("--explain draws pictures, which this leaf was built without (OpenCV); leave it out");
  make_folder(folder_);
}

void Explanations::add(const Sighting& sighting, const std::vector<Reading>& readings) {
  if (sighting.height == 0) return;
  const auto& shot = sighting.shot;
  const auto picture = shot.picture();
  auto stem = stem_of(shot.inside);
  if (shot.frame >= 0) stem += fmt::format("-frame{}", shot.frame);
  for (size_t i = 0; i < readings.size(); ++i) {
    const auto& reading = readings[i];
    if (reading.probabilities.empty()) continue;
    const auto face = reading.face ? cut_out(picture, face_square(*reading.face, views_.margin), views_.size) : picture;
    const auto name = reading.face ? fmt::format("{}-face{}", stem, i) : stem;
    write_png(unused_path(folder_, name, ".png"), explanation_picture(explainer_.explain(face), explainer_.classes()));
  }
}

}  // namespace leaf::app
