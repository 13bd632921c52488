// Faces a second, one thread: the views of one unlabeled face (weak, weak, strong) and each kind alone, and every operation of
// RandAugment. Before anything is measured, a view is compared with its plain steps, one after the other.

#include <benchmark/benchmark.h>

#include <stdexcept>

#include "leaf/data/geometry.h"
#include "leaf/data/rand_augment.h"
#include "leaf/data/resize.h"
#include "leaf/data/transform.h"

namespace leaf {
namespace {

/// Shapes with some noise, as a photo has.
Image make_face(int64_t size) {
  Image face(size, size);
  Rng rng(1);
  for (int64_t y = 0; y < size; ++y) {
    for (int64_t i = 0; i < size * 3; ++i) face.row(y)[i] = static_cast<uint8_t>(60 + (y * 90 + i * 30) / size + rng.below(16));
  }
  return face;
}

void check(const Image& face, int64_t size) {
  auto window = central_window(face, size);
  window.down = 3, window.right = -5, window.flip = true;
  const auto steps = flip(pad_and_crop(resize(face, size, size), 8, 8 - 3, 8 + 5, size, size));
  if (resize(face, window) != steps) throw std::logic_error("a view differs from its steps");
}

enum class View { weak, strong, three };

void views(benchmark::State& state, View view) {
  const auto face = make_face(state.range(0));
  ViewOptions options;
  options.size = state.range(1);
  const auto weak = weak_transform(options), strong = strong_transform(options);
  check(face, options.size);
  uint64_t step = 0;
  for (auto _ : state) {
    Rng rng = Rng(0).split(step++);
    if (view == View::three) benchmark::DoNotOptimize(weak(face, rng));
    if (view != View::strong) benchmark::DoNotOptimize(weak(face, rng));
    if (view != View::weak) benchmark::DoNotOptimize(strong(face, rng));
  }
  state.SetItemsProcessed(state.iterations());
}

void operation(benchmark::State& state, const Operation& operation) {
  const auto face = make_face(state.range(0));
  Rng rng(0);
  for (auto _ : state) benchmark::DoNotOptimize(operation.apply(face, rng.uniform(operation.low, operation.high)));
  state.SetItemsProcessed(state.iterations());
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int64_t face : {48, 100}) {
    for (const int64_t view : {224, 64}) benchmark->Args({face, view});
  }
  benchmark->ArgNames({"face", "view"})->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace leaf

int main(int argc, char** argv) {
  using namespace leaf;
  benchmark::RegisterBenchmark("three_views", views, View::three)->Apply(sizes);
  benchmark::RegisterBenchmark("weak", views, View::weak)->Apply(sizes);
  benchmark::RegisterBenchmark("strong", views, View::strong)->Apply(sizes);
  for (const auto& each : operations()) {
    benchmark::RegisterBenchmark(std::string(each.name).c_str(), operation, each)
        ->Arg(48)
        ->Arg(100)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
