#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"
#include "leaf/data/open.h"
#include "leaf/pictures/codec.h"
#include "leaf/recognize/recognizer.h"

namespace leaf::app {
namespace {

namespace fs = std::filesystem;

struct Prediction {
  std::string path;
  std::vector<float> probabilities;  ///< [C]
};

/// A picture inside a folder, which no link leads out of.
Image decode(const Source& folder, const std::string& path) {
  const auto content = folder.read(path);
  try {
    return decode_image(content);
  } catch (const Error& error) {
    fail("{}/{}: {}", folder.name(), printable(path), error.what());
  }
}

/// A picture to predict: how it is called, and where it is read.
struct Picture {
  std::string path;
  std::function<Image()> read;
};

/// The pictures that the paths name: files as given, folders searched through as for training and sorted. What is no picture is
/// told.
std::vector<Picture> pictures(const std::vector<std::string>& paths, Console& console) {
  std::vector<Picture> all;
  for (const auto& path : paths) {
    std::error_code code;
    if (!fs::exists(path, code))
      fail("cannot read {}: {}", printable(path), code ? code.message() : "there is no such file or folder");
    if (!fs::is_directory(path)) {
      all.push_back({path, [path] { return read_image(path); }});
      continue;
    }
    const std::shared_ptr<const Source> folder = open_source(path);
    const auto found = folder->pictures_below("");
    for (const auto& each : found)
      all.push_back({(fs::path(path) / each).string(), [folder, each] { return decode(*folder, each); }});
    if (const auto others = folder->others_below(""); !others.empty())
      console.on_note(fmt::format(
          "{}: {} files were left out: hidden, links that lead out, or no pictures of a kind that is read", path, others.size()));
    if (found.empty())
      fail("there is no picture in {}; expected .png, .jpg, .bmp, .tif, .webp, .ppm or .pgm files", printable(path));
  }
  return all;
}

/// What was predicted, and how many pictures could not be read, which is told for each.
struct Predicted {
  std::vector<Prediction> rows;
  size_t broken = 0;
};

Predicted predict_all(Recognizer& recognizer, const std::vector<Picture>& pictures, Console& console) {
  Predicted predicted;
  const auto batch = static_cast<size_t>(recognizer.at_once());
  for (size_t begin = 0; begin < pictures.size(); begin += batch) {
    std::vector<Image> faces;
    std::vector<std::string> names;
    const size_t end = std::min(begin + batch, pictures.size());
    for (size_t i = begin; i < end; ++i) {
      try {
        faces.push_back(recognizer.shrunk(pictures[i].read()));  // so that one photograph is held at a time
        names.push_back(pictures[i].path);
      } catch (const Error& error) {
        if (pictures.size() == 1) throw;
        console.on_note(fmt::format("skipped: {}", error.what()));
        ++predicted.broken;
      }
    }
    if (!faces.empty()) {
      const auto probabilities = recognizer.recognize(faces).contiguous();
      for (size_t i = 0; i < names.size(); ++i) {
        const float* row = probabilities.data_ptr<float>() + static_cast<int64_t>(i) * probabilities.size(1);
        predicted.rows.push_back({names[i], {row, row + probabilities.size(1)}});
      }
    }
    console.on_progress("predicting", static_cast<int64_t>(end), static_cast<int64_t>(pictures.size()));
  }
  return predicted;
}

size_t best_class(const Prediction& prediction) {
  return static_cast<size_t>(std::max_element(prediction.probabilities.begin(), prediction.probabilities.end()) -
                             prediction.probabilities.begin());
}

std::string as_text(const std::vector<Prediction>& predictions, const std::vector<std::string>& classes) {
  size_t widest = 0;
  for (const auto& prediction : predictions) widest = std::max(widest, printable(prediction.path).size());
  std::string text;
  for (const auto& prediction : predictions) {
    std::vector<size_t> order(classes.size());
    for (size_t c = 0; c < order.size(); ++c) order[c] = c;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return prediction.probabilities[a] > prediction.probabilities[b]; });
    text += fmt::format("{:<{}}", printable(prediction.path), widest);
    for (size_t i = 0; i < std::min<size_t>(3, order.size()); ++i)
      text += fmt::format("  {:>10} {:5.1f} %", printable(classes[order[i]]), 100 * prediction.probabilities[order[i]]);
    text += "\n";
  }
  return text;
}

std::string as_csv(const std::vector<Prediction>& predictions, const std::vector<std::string>& classes) {
  std::string text = "path,expression";
  for (const auto& name : classes) text += "," + csv_field(name);
  text += "\n";
  for (const auto& prediction : predictions) {
    text += fmt::format("{},{}", csv_field(prediction.path), csv_field(classes[best_class(prediction)]));
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
  const auto found = pictures(arguments.paths, console);
  at::set_num_threads(available_processors());
  Recognizer recognizer(arguments.run, torch::kCPU, arguments.precision);
  const auto [predictions, broken] = predict_all(recognizer, found, console);
  const auto& classes = recognizer.classes();
  const auto text = arguments.format == "csv"    ? as_csv(predictions, classes)
                    : arguments.format == "json" ? as_json(predictions, classes)
                                                 : as_text(predictions, classes);
  deliver(text, arguments.output);
  if (broken > 0) fail("{} of {} pictures cannot be read; the others are told", broken, found.size());
}

}  // namespace leaf::app
