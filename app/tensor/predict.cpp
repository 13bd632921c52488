#include "leaf/photos/predict.h"

#include <fmt/format.h>
#include <torch/cuda.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/explanations.h"
#include "app/tensor/finder.h"
#include "app/tensor/output.h"
#include "app/tensor/rows.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/stop.h"
#include "leaf/base/terminal.h"
#include "leaf/base/text.h"
#include "leaf/photos/overlay.h"
#include "leaf/pictures/codec.h"
#include "leaf/pictures/open_video.h"

namespace leaf::app {
namespace {

namespace fs = std::filesystem;

bool finds_faces(const PredictArguments& arguments, const Recognizer& recognizer) {
  if (!arguments.faces.empty()) return arguments.faces == "find";
  const bool moving = std::any_of(arguments.paths.begin(), arguments.paths.end(),
                                  [](const std::string& path) { return is_camera(path) || is_video_name(path); });
  return moving || recognizer.views().faces == "found";
}

/// Pictures and videos with their faces drawn, in a folder under the names of their files; a second one of a name gets a number.
class Overlays {
 public:
  Overlays(std::string folder, std::vector<std::string> classes) : folder_(std::move(folder)), classes_(std::move(classes)) {
    make_folder(folder_);
  }

  void add(const Sighting& sighting, const std::vector<Reading>& readings) {
    if (sighting.height == 0) return;
    const auto& shot = sighting.shot;
    const auto picture = overlay(shot.picture(), readings, classes_);
    if (shot.frame < 0) return write_png(unused_path(folder_, stem_of(shot.inside), ".png"), picture);
    if (shot.path != video_path_ || shot.frame == 0) {
      video_ = create_video(unused_path(folder_, stem_of(shot.inside), ".avi"), picture.height, picture.width, shot.rate);
      video_path_ = shot.path;
    }
    video_->add(picture);
  }

 private:
  const fs::path folder_;
  const std::vector<std::string> classes_;
  std::unique_ptr<VideoWriter> video_;
  std::string video_path_;
};

/// Counts what cannot be read, and says it; says once what else a user should know.
class Remarks {
 public:
  Remarks(Console& console, bool finds) : console_(console), finds_(finds) {}

  void add(const Sighting& sighting) {
    ++pictures_;
    if (!sighting.trouble.empty()) {
      ++broken_;
      console_.on_note(fmt::format("cannot be read: {}", sighting.trouble));
      return;
    }
    if (!sighting.faces.empty() || !finds_) ++seen_;
    const auto [smaller, larger] = std::minmax(sighting.height, sighting.width);
    if (finds_ || said_ || static_cast<double>(smaller) > 0.8 * static_cast<double>(larger)) return;
    said_ = true;
    console_.on_note(fmt::format("{} is taken for one face as it is, though it is {} × {}; --faces find looks for faces in it",
                                 printable(sighting.shot.path), sighting.width, sighting.height));
  }

  int64_t pictures() const { return pictures_; }

  /// Throws Error where not all could be read.
  void end() const {
    if (finds_ && seen_ < pictures_ - broken_)
      console_.on_note(fmt::format("no face was found in {} of {} pictures", pictures_ - broken_ - seen_, pictures_));
    if (broken_ > 0) fail("{} of {} pictures cannot be read; the others are told", broken_, pictures_);
  }

 private:
  Console& console_;
  const bool finds_;
  bool said_ = false;
  int64_t pictures_ = 0, broken_ = 0, seen_ = 0;
};

}  // namespace

void run_predict(const PredictArguments& arguments) {
  check_output(arguments.output, arguments.force);
  check_output(arguments.overlay, arguments.force);
  check_output(arguments.explain, arguments.force);
  Console console;
  at::set_num_threads(available_processors());
  const bool on_gpu = arguments.precision.empty() && torch::cuda::is_available();
  Recognizer recognizer(arguments.run, on_gpu ? torch::kCUDA : torch::kCPU, arguments.precision);
  const bool finds = finds_faces(arguments, recognizer);
  std::optional<FaceFinder> finder;
  if (finds) finder.emplace(face_finder(arguments.finder, console));
  std::optional<Overlays> overlays;
  ClassSet set;
  if (!arguments.sets.empty()) set = class_set(arguments.sets, arguments.run, recognizer, console);
  std::optional<Explanations> explanations;
  if (!arguments.explain.empty()) explanations.emplace(arguments.explain, arguments.run, recognizer.views());
  if (!arguments.overlay.empty()) overlays.emplace(arguments.overlay, recognizer.classes());

  const StopSignals signals;
  Album album(arguments.paths, [&](const std::string& note) { console.on_note(note); });
  Remarks remarks(console, finds);
  PredictOptions options{finds ? &*finder : nullptr, arguments.finder.largest, arguments.smoothing, available_processors()};
  const auto write_rows = [&](const std::function<void(const std::string&)>& write) {
    Rows rows(arguments.format, finds, recognizer.classes(), set, write);
    predict(recognizer, album, options, [&](const Sighting& sighting, const std::vector<Reading>& readings) {
      rows.add(sighting, readings);
      if (overlays) overlays->add(sighting, readings);
      if (explanations) explanations->add(sighting, readings);
      remarks.add(sighting);
      console.on_progress("predicting", remarks.pictures(), std::max(album.known(), remarks.pictures()));
    });
    rows.end();
  };
  if (arguments.output.empty()) {
    write_rows([](const std::string& text) { write_output(text); });
  } else {
    write_file(arguments.output, [&](const Sink& sink) { write_rows([&](const std::string& text) { sink(bytes_of(text)); }); });
  }
  remarks.end();
}

}  // namespace leaf::app
