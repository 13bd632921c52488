#include <fmt/format.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/version.h>

#include <algorithm>
#include <fstream>

#include "app/tensor/commands.h"
#include "app/tensor/fetched_weights.h"
#include "leaf/base/built.h"
#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/processor.h"
#include "leaf/base/stopwatch.h"
#include "leaf/base/terminal.h"
#include "leaf/base/text.h"
#include "leaf/detection/face_finder.h"
#include "leaf/model/kernels/direct_loops.h"
#include "leaf/model/kernels/matrix_rate.h"
#include "leaf/model/precision.h"

namespace leaf::app {
namespace {

/// Values of a "name : value" file of the system, e.g. /proc/cpuinfo; "" when there is none.
std::string system_value(const char* path, const std::string& name) {
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon != std::string::npos && trim(std::string_view(line).substr(0, colon)) == name)
      return std::string(trim(std::string_view(line).substr(colon + 1)));
  }
  return "";
}

/// GFLOP/s of the BLAS that libtorch multiplies float32 matrices with.
double blas_rate() {
  constexpr int64_t kSize = 1024;
  const auto a = torch::randn({kSize, kSize}), b = torch::randn({kSize, kSize});
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const Stopwatch stopwatch;
    const auto product = torch::mm(a, b);
    const double seconds = stopwatch.seconds();
    best = std::max(best, 2.0 * static_cast<double>(kSize * kSize * kSize) / seconds / 1e9);
  }
  return best;
}

/// GB/s of copying memory, the best of several.
double copy_rate() {
  const auto source = torch::ones({int64_t{64} << 20}, torch::kUInt8);
  auto copy = torch::empty_like(source);
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const Stopwatch stopwatch;
    copy.copy_(source);
    const double seconds = stopwatch.seconds();
    best = std::max(best, 2.0 * static_cast<double>(source.numel()) / seconds / 1e9);
  }
  return best;
}

std::string instruction_sets() {
  const auto flags = split_words(system_value("/proc/cpuinfo", "flags"), ' ');
  std::vector<std::string> known;
  for (const auto& name : {"avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"}) {
    if (std::find(flags.begin(), flags.end(), name) != flags.end()) known.emplace_back(name);
  }
  return join(known, " ");
}

std::string instruction_level() {
  const auto own = processor_instructions(), usable = usable_instructions();
  return std::string(name_of(usable)) + (usable < own ? fmt::format(" (lowered by LEAF_MAX_ISA from {})", name_of(own)) : "");
}

/// Whether the networks that scripts/weights fetches are there.
std::string fetched() {
  const FetchedWeights weights;
  if (weights.folder().empty()) return "no folder for fetched networks; set LEAF_WEIGHTS to one";
  return fmt::format("{}{}", weights.complete() ? "" : "not there; fetch them with scripts/weights: ", weights.folder().string());
}

/// What finds faces in photos, or why nothing does.
std::string detector() {
  try {
    return make_face_finder(FetchedWeights().face_api(), {}).name();
  } catch (const Error& error) {
    return fmt::format("none: {}", error.what());
  }
}

}  // namespace

void print_doctor(const std::string& format) {
  const int threads = available_processors();
  at::set_num_threads(threads);
  const double blas = blas_rate();
  Json report = {{"processor", system_value("/proc/cpuinfo", "model name")},
                 {"instruction_sets", instruction_sets()},
                 {"instruction_level", instruction_level()},
                 {"threads", threads},
                 {"memory", system_value("/proc/meminfo", "MemTotal")},
                 {"memory_available", system_value("/proc/meminfo", "MemAvailable")},
                 {"libtorch", TORCH_VERSION},
                 {"built_with", built_with().empty() ? "none of the libraries that can be left out" : built_with()},
                 {"float32_gflops", built_with("onednn") ? Json(std::round(matrix_rate(torch::kFloat32))) : Json()},
                 {"bfloat16_gflops", convolves_bfloat16() ? Json(std::round(matrix_rate(torch::kBFloat16))) : Json()},
                 {"blas_gflops", std::round(blas)},
                 {"memory_gb_per_second", std::round(copy_rate() * 10) / 10},
                 {"cuda", torch::cuda::is_available()},
                 {"device", torch::cuda::is_available() ? "cuda" : "cpu"},
                 {"training", torch::cuda::is_available()
                                  ? "LEAF's kernels on the GPU, bfloat16 by the recipes, float32 with --method"
                                  : fmt::format("LEAF's kernels, {} by the recipes, float32 with --method", quick_precision())},
                 {"convolutions", !built_with("onednn")    ? "libtorch's"
                                  : direct::is_supported() ? "oneDNN in float32, LEAF's own loops in bfloat16"
                                                           : "oneDNN"},
                 {"weights", fetched()},
                 {"face_finder", detector()}};
  // An optimised library reaches tens of GFLOP/s a thread; the reference BLAS reaches a few.
  const bool slow_blas = blas < 15.0 * threads;
  report["advice"] = slow_blas ? "matrix products are slow: install an optimised BLAS (Debian: libopenblas0-openmp)" : "";
  if (format == "json") {
    write_output(json_text(report));
    return;
  }
  for (const auto& [key, value] : report.items()) {
    if (key == "advice" && !slow_blas) continue;
    print("{:<22} {}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

}  // namespace leaf::app
