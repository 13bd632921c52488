#include "app/tensor/finder.h"

#include "app/tensor/fetched_weights.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf::app {

FaceFinder face_finder(const FinderArguments& arguments, Observer& observer) {
  FinderOptions options;
  options.which = arguments.detector;
  if (arguments.score > 0) options.detector.threshold = arguments.score;
  if (!arguments.look.empty()) {
    options.detector.sizes.clear();
    for (const auto& word : split_words(arguments.look, ',')) {
      const auto size = to_integer(trim(word));
      if (!size) fail_usage("--look takes numbers of pixels, separated by commas; found \"{}\"", printable(word));
      options.detector.sizes.push_back(*size);
    }
  }
  const FetchedWeights fetched;
  auto finder = make_face_finder(fetched.face_api(), options);
  if (arguments.detector.empty() && !std::filesystem::is_directory(fetched.face_api())) {
    observer.on_note(
        "faces are found by OpenCV's cascade, upright ones seen from the front, and are not aligned by their eyes; "
        "scripts/weights "
        "fetches what finds more and aligns them");
  }
  return finder;
}

}  // namespace leaf::app
