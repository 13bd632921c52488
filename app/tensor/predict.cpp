#include <fmt/format.h>

#include <algorithm>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"
#include "leaf/pictures/codec.h"
#include "leaf/recognize/recognizer.h"

namespace leaf::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBatch = 64;
constexpr double kMostBroken = 0.05;  ///< share of unreadable pictures above which nothing is believed

struct Prediction {
  std::string path;
  std::vector<float> probabilities;  ///< [C]
};

/// The pictures that the paths name: files as given, folders searched through and sorted.
std::vector<std::string> pictures(const std::vector<std::string>& paths) {
  std::vector<std::string> all;
  for (const auto& path : paths) {
    if (!fs::exists(path)) fail("cannot read {}: there is no such file or folder", printable(path));
    if (!fs::is_directory(path)) {
      all.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
      if (entry.is_regular_file() && is_image_name(entry.path())) found.push_back(entry.path().string());
    }
    if (found.empty())
      fail("there is no picture in {}; expected .png, .jpg, .bmp, .tif, .webp, .ppm or .pgm files", printable(path));
    std::sort(found.begin(), found.end());
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

std::vector<Prediction> predict_all(Recognizer& recognizer, const std::vector<std::string>& paths, Console& console) {
  std::vector<Prediction> predictions;
  size_t broken = 0;
  for (size_t begin = 0; begin < paths.size(); begin += kBatch) {
    std::vector<Image> faces;
    std::vector<std::string> names;
    for (size_t i = begin; i < std::min(begin + kBatch, paths.size()); ++i) {
      try {
        faces.push_back(read_image(paths[i]));
        names.push_back(paths[i]);
      } catch (const Error& error) {
        if (paths.size() == 1) throw;
        console.on_note(fmt::format("skipped: {}", error.what()));
        ++broken;
      }
    }
    const auto probabilities = recognizer.recognize(faces).contiguous();
    for (size_t i = 0; i < names.size(); ++i) {
      const float* row = probabilities.data_ptr<float>() + static_cast<int64_t>(i) * probabilities.size(1);
      predictions.push_back({names[i], {row, row + probabilities.size(1)}});
    }
    console.on_progress("predicting", static_cast<int64_t>(std::min(begin + kBatch, paths.size())),
                        static_cast<int64_t>(paths.size()));
  }
  if (broken > 0) console.on_note(fmt::format("{} of {} pictures were skipped", broken, paths.size()));
  if (static_cast<double>(broken) > std::max(1.0, kMostBroken * static_cast<double>(paths.size()))) {
    fail("{} of {} pictures cannot be read, more than {:.0f} %; are these pictures?", broken, paths.size(), 100 * kMostBroken);
  }
  return predictions;
}

size_t best_class(const Prediction& prediction) {
  return static_cast<size_t>(std::max_element(prediction.probabilities.begin(), prediction.probabilities.end()) -
                             prediction.probabilities.begin());
}

std::string as_text(const std::vector<Prediction>& predictions, const std::vector<std::string>& classes) {
  size_t widest = 0;
  for (const auto& prediction : predictions) widest = std::max(widest, prediction.path.size());
  std::string text;
  for (const auto& prediction : predictions) {
    std::vector<size_t> order(classes.size());
    for (size_t c = 0; c < order.size(); ++c) order[c] = c;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return prediction.probabilities[a] > prediction.probabilities[b]; });
    text += fmt::format("{:<{}}", printable(prediction.path), widest);
    for (size_t i = 0; i < std::min<size_t>(3, order.size()); ++i)
      text += fmt::format("  {:>10} {:5.1f} %", classes[order[i]], 100 * prediction.probabilities[order[i]]);
    text += "\n";
  }
  return text;
}

std::string as_csv(const std::vector<Prediction>& predictions, const std::vector<std::string>& classes) {
  std::string text = fmt::format("path,expression,{}\n", fmt::join(classes, ","));
  for (const auto& prediction : predictions) {
    text += fmt::format("{},{}", csv_field(prediction.path), classes[best_class(prediction)]);
    for (const float p : prediction.probabilities) text += fmt::format(",{:.6f}", p);
    text += "\n";
  }
  return text;
}

std::string as_json(const std::vector<Prediction>& predictions, const std::vector<std::string>& classes) {
  Json all = Json::array();
  for (const auto& prediction : predictions) {
    Json probabilities = Json::object();
    for (size_t c = 0; c < classes.size(); ++c) probabilities[classes[c]] = prediction.probabilities[c];
    all.push_back({{"path", prediction.path}, {"expression", classes[best_class(prediction)]}, {"probabilities", probabilities}});
  }
  return json_text(all);
}

}  // namespace

void run_predict(const PredictArguments& arguments) {
  check_output(arguments.output, arguments.force);
  Console console;
  const auto paths = pictures(arguments.paths);
  at::set_num_threads(available_processors());
  Recognizer recognizer(arguments.run, torch::kCPU, arguments.precision);
  const auto predictions = predict_all(recognizer, paths, console);
  const auto& classes = recognizer.classes();
  const auto text = arguments.format == "csv"    ? as_csv(predictions, classes)
                    : arguments.format == "json" ? as_json(predictions, classes)
                                                 : as_text(predictions, classes);
  deliver(text, arguments.output);
}

}  // namespace leaf::app
