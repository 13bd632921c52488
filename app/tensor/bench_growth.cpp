#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "app/tensor/bench_processes.h"
#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/terminal.h"
#include "leaf/pictures/charts/chart.h"
#include "leaf/pictures/codec.h"

namespace leaf::app {
namespace {

using Words = std::vector<std::string>;

/// One thing that grows while the rest stays.
struct Growth {
  std::string name, label;
  std::vector<std::pair<double, Words>> points;  ///< the place on the axis, and the words that ask for it
};

Growth growth(std::string name, std::string label, const std::vector<int64_t>& values,
              const std::function<Words(const std::string&)>& words) {
  Growth result{std::move(name), std::move(label), {}};
  for (const auto value : values) result.points.emplace_back(static_cast<double>(value), words(std::to_string(value)));
  return result;
}

std::vector<Growth> all_growths() {
  const Words faces = {"synthetic:1000,size=16", "--labels", "196"};
  const auto with = [&](Words words) {
    words.insert(words.begin(), faces.begin(), faces.end());
    return words;
  };
  const auto batch =
      growth("batch", "labeled and as many unlabeled faces a step", {8, 16, 32, 48, 64}, [&](const std::string& n) {
        return with({"--set", "train.labeled_batch=" + n, "--set", "train.unlabeled_batch=" + n});
      });
  auto size = growth("size", "pixels of a view", {32, 64, 96, 128, 160}, [&](const std::string& n) {
    return with({"--set", "views.size=" + n});
  });
  for (auto& point : size.points) point.first *= point.first;  // the area
  const auto experts = growth("experts", "experts of each level", {1, 8, 16, 24, 32}, [&](const std::string& n) {
    return with({"--set", "model.semantic.experts=" + n, "--set", "model.instance.experts=" + n, "--set",
                 "model.semantic.top_k=1", "--set", "model.instance.top_k=1"});
  });
  const auto number =
      growth("faces", "faces of the data set", {1000, 10000, 100000, 300000, 600000, 1000000}, [](const std::string& n) {
        return Words{"synthetic:" + n + ",size=16", "--labels", "196"};
      });
  return {batch, size, experts, number};
}

LineChart chart_of(const Json& points, const Growth& growth, const char* field, double unit, const char* title,
                   const char* label) {
  Series series{growth.name, {}, {}, {}};
  for (const auto& point : points) {
    series.x.push_back(point["value"]);
    series.y.push_back(point[field].get<double>() / unit);
  }
  return {title, growth.label, label, {series}, /*logarithmic_x=*/false, /*from_zero=*/true};
}

/// Pictures of one size, row after row.
Image tiled(const std::vector<Image>& pictures, int64_t columns) {
  const int64_t height = pictures.front().height, width = pictures.front().width;
  Image sheet((static_cast<int64_t>(pictures.size()) + columns - 1) / columns * height, columns * width);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const int64_t top = static_cast<int64_t>(i) / columns * height, left = static_cast<int64_t>(i) % columns * width;
    for (int64_t y = 0; y < height; ++y) std::copy_n(pictures[i].row(y), width * 3, sheet.row(top + y) + left * 3);
  }
  return sheet;
}

}  // namespace

void measure_growth(const BenchArguments& arguments) {
  if (arguments.output.empty()) fail_usage("leaf bench --growth needs a folder for its picture and its table: -o FOLDER");
  const std::filesystem::path folder = arguments.output;
  for (const std::string name : {"growth.png", "growth.json"}) check_output((folder / name).string(), arguments.force);
  const auto growths = all_growths();
  int64_t total = 0, done = 0;
  for (const auto& growth : growths) total += static_cast<int64_t>(growth.points.size());
  Console console;
  Json result = Json::object();
  std::vector<Image> pictures;
  for (const auto& growth : growths) {
    auto& points = result[growth.name] = Json::array();
    for (const auto& [value, words] : growth.points) {
      Words all = {"bench", "--step",        "--format", "json", "--backbone", "resnet10_half", "--set", "model.stem=imagenet",
                   "--set", "views.size=64", "--steps",  "10"};
      all.insert(all.end(), words.begin(), words.end());
      auto point = parse_json(output_of(all));
      point["value"] = value;
      points.push_back(point);
      console.on_progress("measuring", ++done, total);
    }
    pictures.push_back(line_chart(chart_of(points, growth, "seconds_per_step", 1e-3, "Time of a step", "milliseconds")));
    pictures.push_back(line_chart(chart_of(points, growth, "peak_resident_bytes", 1 << 20, "Peak resident memory", "MiB")));
  }
  make_folder(folder);
  write_png(folder / "growth.png", tiled(pictures, 2));
  write_file(folder / "growth.json", json_text(result));
  if (arguments.format == "json") {
    write_output(json_text(result));
    return;
  }
  for (const auto& growth : growths) {
    print("{}\n", growth.label);
    for (const auto& point : result[growth.name]) {
      print("  {:9.0f} {:9.1f} ms a step {:9.0f} MiB\n", point["value"].get<double>(),
            1000 * point["seconds_per_step"].get<double>(), point["peak_resident_bytes"].get<double>() / (1 << 20));
    }
  }
  print("the picture: {}\n", (folder / "growth.png").string());
}

}  // namespace leaf::app
