// Faces a second, one thread: the views of one unlabeled face from its PNG file to normalized numbers (weak, weak, strong), each
// kind alone, and every operation of RandAugment. `bench_views OPTIONS FOLDER` takes the files FOLDER/48.png and FOLDER/100.png
// instead of drawn ones. Before anything is measured, a view is compared with its plain steps, one after the other.

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <vector>

#include "leaf/base/bytes.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/geometry.h"
#include "leaf/views/normalize.h"
#include "leaf/views/rand_augment.h"
#include "leaf/views/resize.h"
#include "leaf/views/transform.h"

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

ViewOptions view_options(int64_t size) {
  ViewOptions options;
  options.size = size;
  return options;
}

Bytes png_of(int64_t size, const std::string& folder) {
  if (folder.empty()) return encode_png(make_face(size));
  const auto content = read_file(folder + "/" + std::to_string(size) + ".png");
  return {content.begin(), content.end()};
}

void three_views(benchmark::State& state, const std::string& folder) {
  const auto png = png_of(state.range(0), folder);
  const auto options = view_options(state.range(1));
  const auto weak = weak_transform(options), strong = strong_transform(options);
  std::vector<float> numbers(3 * 3 * options.size * options.size);
  uint64_t step = 0;
  for (auto _ : state) {
    Rng rng = Rng(0).split(step++);
    const auto face = decode_image(png);
    auto* to = numbers.data();
    for (const auto* transform : {&weak, &weak, &strong}) {
      write_normalized((*transform)(face, rng), to);
      to += 3 * options.size * options.size;
    }
    benchmark::DoNotOptimize(numbers.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void view(benchmark::State& state, Transform (*kind)(const ViewOptions&)) {
  const auto face = make_face(state.range(0));
  const auto options = view_options(state.range(1));
  const auto transform = kind(options);
  check(face, options.size);
  uint64_t step = 0;
  for (auto _ : state) {
    Rng rng = Rng(0).split(step++);
    benchmark::DoNotOptimize(transform(face, rng));
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
  benchmark::Initialize(&argc, argv);
  benchmark::RegisterBenchmark("three_views", three_views, std::string(argc > 1 ? argv[1] : ""))->Apply(sizes);
  benchmark::RegisterBenchmark("weak", view, weak_transform)->Apply(sizes);
  benchmark::RegisterBenchmark("strong", view, strong_transform)->Apply(sizes);
  for (const auto& each : operations()) {
    benchmark::RegisterBenchmark(std::string(each.name).c_str(), operation, each)
        ->Arg(48)
        ->Arg(100)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::RunSpecifiedBenchmarks();
}
