#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <vector>

#include "app/tensor/bench_processes.h"
#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "leaf/base/parallel.h"
#include "leaf/base/stopwatch.h"
#include "leaf/base/terminal.h"
#include "leaf/faces/synthetic/synthetic_face.h"
#include "leaf/model/kernels/matrix_rate.h"
#include "leaf/model/precision.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/normalize.h"
#include "leaf/views/transform.h"

namespace leaf::app {
namespace {

constexpr int64_t kSizes[] = {48, 64, 112, 224};

/// Faces a second on one core: decode a PNG of 48×48, make the two weak views and the strong one, normalize them.
double views_rate(int64_t size) {
  const auto png = encode_png(synthetic_face({.size = 48}, 0).image);
  ViewOptions options;
  options.size = size;
  const auto weak = weak_transform(options), strong = strong_transform(options);
  std::vector<float> numbers(3 * size * size);
  constexpr double kSeconds = 1;
  const Stopwatch stopwatch;
  double seconds = 0;
  int64_t count = 0;
  while (seconds < kSeconds) {
    Rng rng = Rng(0).split(static_cast<uint64_t>(count++));
    const auto face = decode_image(png);
    for (const auto* transform : {&weak, &weak, &strong}) write_normalized((*transform)(face, rng), numbers.data());
    seconds = stopwatch.seconds();
  }
  return static_cast<double>(count) / seconds;
}

/// Each of the commands has a process of its own, so that the peak of its memory is its own.
Json measured(std::vector<std::string> words) {
  words.insert(words.begin(), "bench");
  words.insert(words.end(), {"--format", "json"});
  return parse_json(output_of(words));
}

}  // namespace

void measure_speed(const BenchArguments& arguments) {
  Console console;
  at::set_num_threads(available_processors());
  const auto precision = quick_precision();
  const double limit = matrix_rate(precision == "bfloat16" ? torch::kBFloat16 : torch::kFloat32);
  Json result = {{"precision", precision},
                 {"matrix_gflops", limit},
                 {"training", Json::array()},
                 {"views", Json::array()},
                 {"prediction", Json::array()}};
  int64_t done = 0;
  const auto tell = [&] { console.on_progress("measuring", ++done, 9); };
  for (const int64_t size : kSizes) {
    auto step = measured({"--step", "--method", "reference", "--size", std::to_string(size), "--set", "model.stem=imagenet",
                          "--set", "model.precision=" + precision});
    step["share_of_matrix_rate"] = step["operations_per_second"].get<double>() / 1e9 / limit;
    result["training"].push_back(step);
    tell();
  }
  for (const int64_t size : {int64_t{64}, int64_t{224}}) {
    result["views"].push_back({{"size", size}, {"faces_per_second", views_rate(size)}});
    tell();
  }
  for (const std::string kind : {"float32", "bfloat16", "int8"}) {
    if (kind == "bfloat16" && !convolves_bfloat16()) continue;
    result["prediction"].push_back(measured({"--prediction", "--size", "224", "--precision", kind}));
    tell();
  }
  if (arguments.format == "json") {
    write_output(json_text(result));
    return;
  }
  print("matrix products in {}: {:.0f} GFLOP/s\n\n", precision, limit);
  print(
      "a training step of LEAF, ResNet-18, 16 + 16 faces, four views, in {}\n  size   views/s   of the matrix rate   waiting for "
      "views      memory\n",
      precision);
  for (const auto& step : result["training"]) {
    print("  {:4} {:9.1f} {:18.0f} % {:17.1f} % {:7.0f} MiB\n", step["size"].get<int64_t>(),
          step["views_per_second"].get<double>(), 100 * step["share_of_matrix_rate"].get<double>(),
          100 * step["waiting_share"].get<double>(), step["peak_resident_bytes"].get<double>() / (1 << 20));
  }
  print("\nthree views of a face of 48 pixels, decoding included, one core\n");
  for (const auto& views : result["views"])
    print("  {:4} {:9.0f} faces/s\n", views["size"].get<int64_t>(), views["faces_per_second"].get<double>());
  print("\nprediction, ResNet-18, 224 pixels\n             faces/s in batches of 64   one face, ms: p50     p99\n");
  for (const auto& kind : result["prediction"]) {
    print("  {:10} {:24.1f} {:21.2f} {:7.2f}\n", kind["precision"].get<std::string>(), kind["faces_per_second"].get<double>(),
          kind["latency_ms_p50"].get<double>(), kind["latency_ms_p99"].get<double>());
  }
}

}  // namespace leaf::app
