#include "leaf/export/hub.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/export/model_input.h"
#include "leaf/runs/run_folder.h"
#include "leaf/views/normalize.h"

namespace leaf {
namespace {

constexpr int kBilinear = 2;  ///< Pillow's number for it

/// A JSON file of a run; a null value where there is none.
Json read_json(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  auto value = parse_json(read_file(path));
  if (value.is_discarded()) fail_damaged(path, "it is no JSON");
  return value;
}

/// A text of YAML that no letter in it can end: JSON's is one.
std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', /*ensure_ascii=*/true); }

std::string percent(const Json& share) { return fmt::format("{:.1f} %", 100 * share.get<double>()); }

/// The last part of a path.
std::string file_name(const std::string& path) { return printable(std::filesystem::path(path).filename().string()); }

/// What a run's folder says of itself.
struct Story {
  Json report, split, weights, known;
  std::string algorithm;

  bool told() const { return report.is_object() && split.is_object(); }
  bool tested() const { return told() && report.at("test").at("faces").get<int64_t>() > 0; }
};

Story story_of(const std::filesystem::path& source) {
  const RunFolder folder{source};
  if (!std::filesystem::is_directory(source) || !std::filesystem::exists(folder.config())) return {};
  return {read_json(folder.report()), read_json(folder.split()), read_json(folder.weights()), read_json(folder.known()),
          run_config(folder).algorithm};
}

/// The share of the most frequent class among the faces that were tested on.
double largest_class(const Json& test) {
  int64_t most = 0;
  for (const auto& [name, of_class] : test.at("per_class").items()) most = std::max(most, of_class.at("support").get<int64_t>());
  return static_cast<double>(most) / test.at("faces").get<double>();
}

std::string front_matter(const std::string& name, const Story& story) {
  std::string text =
      "---\nlicense: other\nlicense_name: that-of-the-faces\nlibrary_name: leaf\npipeline_tag: image-classification\ntags:\n"
      "- facial-expression-recognition\n- semi-supervised-learning\n- leaf\nmetrics:\n- accuracy\n";
  if (story.tested()) {
    const auto& test = story.report.at("test");
    const auto data = quoted(story.split.at("test").at("dataset").get<std::string>());
    text += fmt::format(
        "model-index:\n- name: {}\n  results:\n  - task:\n      type: image-classification\n"
        "      name: Facial expression recognition\n    dataset:\n      type: {}\n      name: {}\n      split: test\n    "
        "metrics:\n",
        quoted(name), data, data);
    for (const auto* figure : {"accuracy", "balanced_accuracy", "macro_f1"})
      text += fmt::format("    - type: {}\n      value: {:.4f}\n", figure, test.at(figure).get<double>());
  }
  return text + "---\n";
}

std::string data_section(const Story& story) {
  if (!story.told()) {
    return "Not known: this folder was made of a model alone, or of a run that has not come to its end, so nothing here says "
           "which faces it learned from and how well it does.\n";
  }
  const auto& labels = story.report.at("labels");
  const auto name = story.split.at("labeled").at("dataset").get<std::string>();
  const auto& counts = story.split.at("counts");
  auto text = fmt::format("Learned from {} labels of {}", labels.at("learned").get<int64_t>(), printable(name));
  if (const auto unlabeled = counts.at("unlabeled").get<int64_t>(); unlabeled > 0)
    text += fmt::format(" and {} faces without labels", grouped(unlabeled));
  text += fmt::format(", by the algorithm {}, {} steps.", printable(story.algorithm),
                      grouped(story.report.at("steps").get<int64_t>()));
  if (const auto choosing = labels.at("choosing").get<int64_t>(); choosing > 0) {
    text += fmt::format(" {} further labels chose the best epoch{}.", choosing,
                        labels.at("choosing_outside_of_budget").get<bool>() ? ", outside of the budget" : "");
  }
  if (const auto known = readers().names(); std::find(known.begin(), known.end(), name) != known.end()) {
    if (const auto& citation = readers().at(name).citation; !citation.empty()) text += fmt::format(" {}: {}.", name, citation);
  }
  text += "\n";
  if (story.weights.is_object())
    text += fmt::format("\nIt began with the weights {}.\n", file_name(story.weights.value("source", "unknown")));
  if (story.known.is_object() && story.known.contains("teacher"))
    text += fmt::format("\nIt was taught by {}.\n", printable(story.known.at("teacher").value("source", "another model")));
  return text;
}

std::string figures_section(const Story& story) {
  if (!story.tested()) return "None: it was not tested.\n";
  const auto& test = story.report.at("test");
  auto text =
      fmt::format("Measured once, at the end, on {} faces of {} that it had not seen:\n\n| figure | |\n|---|---:|\n",
                  grouped(test.at("faces").get<int64_t>()), printable(story.split.at("test").at("dataset").get<std::string>()));
  text += fmt::format(
      "| accuracy | {} |\n| balanced accuracy | {} |\n| macro F1 | {} |\n| accuracy of always saying the most "
      "frequent class | {} |\n\n| class | faces | precision | recall |\n|---|---:|---:|---:|\n",
      percent(test.at("accuracy")), percent(test.at("balanced_accuracy")), percent(test.at("macro_f1")),
      percent(largest_class(test)));
  for (const auto& [name, of_class] : test.at("per_class").items()) {
    text += fmt::format("| {} | {} | {} | {} |\n", printable(name), of_class.at("support").get<int64_t>(),
                        percent(of_class.at("precision")), percent(of_class.at("recall")));
  }
  text += "\nOne run with one choice of labels; other choices give other figures";
  if (const auto& interval = story.report.at("advice").at("interval"); interval.is_array() && interval.size() == 2)
    text += fmt::format(". Of the accuracy the 95 % interval is {} to {}", percent(interval[0]), percent(interval[1]));
  return text + ".\n";
}

std::string card(const std::string& name, const ModelFile& file, const Story& story) {
  std::vector<std::string> classes;
  for (const auto& each : file.classes) classes.push_back(printable(each));
  return front_matter(name, story) +
         fmt::format(
             "\n# {}\n\nSays which expression a face shows: {}. A {} with the head of LEAF (arXiv 2404.15041), for faces of "
             "{}×{} pixels.\n\n",
             printable(name), join(classes), file.options.backbone, file.views.size, file.views.size) +
         "## Use\n\n```\nleaf predict THIS-FOLDER face.png\nleaf export THIS-FOLDER --format onnx -o model.onnx\n```\n\n" +
         fmt::format("It wants one face a picture. Alignment: {}.\n", model_input(file).at("alignment").get<std::string>()) +
         "`config.json` has the classes in the order of the outputs, `preprocessor_config.json` what happens to the pixels.\n\n"
         "## Data\n\n" +
         data_section(story) + "\n## Figures\n\n" + figures_section(story) +
         "\n## Limits\n\n"
         "- An expression that is shown is not a feeling that is felt; nothing here reads minds.\n"
         "- It knows the classes above and no other; every face gets one of them.\n"
         "- Faces unlike those that it learned from (age, skin, culture, camera, pose, glasses, masks) are judged worse, and no "
         "figure above says how much.\n"
         "- Not for decisions about people: hiring, schooling, policing, health, credit.\n"
         "\n## License\n\n"
         "LEAF's code has the MIT license. The weights were made of other people's faces, and perhaps of other people's weights: "
         "whether they may be passed on or sold is said by the terms of those, often for research only. Put the right name into "
         "`license` above before you publish.\n";
}

Json config(const Json& options, const ModelFile& file) {
  Json names = Json::object(), numbers = Json::object();
  for (size_t i = 0; i < file.classes.size(); ++i) {
    names[std::to_string(i)] = file.classes[i];
    numbers[file.classes[i]] = i;
  }
  return {{"model_type", "leaf"},
          {"architectures", {"LeafModel"}},
          {"problem_type", "single_label_classification"},
          {"num_labels", file.classes.size()},
          {"id2label", names},
          {"label2id", numbers},
          {"num_channels", 3},
          {"image_size", file.views.size},
          {"image_mean", kPixelMean},
          {"image_std", kPixelDeviation},
          {"backbone", file.options.backbone},
          {"torch_dtype", "float32"},
          {"leaf_input", model_input(file)},
          {"leaf_options", options}};
}

/// The words are those of Python's transformers; they mean what LEAF does.
Json preprocessor(const ModelFile& file) {
  const auto size = file.views.size;
  return {{"image_processor_type", "CLIPImageProcessor"},
          {"do_convert_rgb", true},
          {"do_resize", true},
          {"size", {{"shortest_edge", size}}},
          {"resample", kBilinear},
          {"do_center_crop", true},
          {"crop_size", {{"height", size}, {"width", size}}},
          {"do_rescale", true},
          {"rescale_factor", 1.0 / 255},
          {"do_normalize", true},
          {"image_mean", kPixelMean},
          {"image_std", kPixelDeviation}};
}

}  // namespace

HubFolder hub_folder(const std::string& name, const std::filesystem::path& source, const ModelFile& file) {
  const auto path = model_path(source);
  const auto story = story_of(source);
  HubFolder files{.model = read_safetensors(path), .config = {}, .preprocessor = json_text(preprocessor(file)), .card = {}};
  auto& metadata = files.model.metadata;
  auto options = parse_json(metadata.at("options"));
  if (auto& weights = options.at("model")["weights"]; weights.is_string()) weights = file_name(weights.get<std::string>());
  metadata["options"] = options.dump();
  files.config = json_text(config(options, file));
  try {
    files.card = card(name, file, story);
  } catch (const Json::exception& error) {
    fail_damaged(source, "its test/report.json, split.json, weights.json or known.json lacks what a run writes: {}",
                 error.what());
  }
  return files;
}

void write_hub_folder(const std::filesystem::path& folder, const HubFolder& files) {
  make_folder(folder);
  write_safetensors(folder / "model.safetensors", files.model);
  write_file(folder / "config.json", files.config);
  write_file(folder / "preprocessor_config.json", files.preprocessor);
  write_file(folder / "README.md", files.card);
}

}  // namespace leaf
