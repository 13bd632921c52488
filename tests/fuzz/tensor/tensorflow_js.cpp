#include "leaf/model/formats/tensorflow_js.h"

#include "leaf/base/bytes.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

/// A manifest whose shards are a.bin of 6 bytes and b.bin of 10.
void take(std::string_view input) {
  static const auto folder = [] {
    auto path = scratch_folder();
    write_file(path / "a.bin", "012345");
    write_file(path / "b.bin", std::string(10, '\x7f'));
    return path;
  }();
  const std::span bytes(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  if (!is_tensorflow_js(bytes)) return;
  uint64_t numbers = 0;
  for (const auto& [name, tensor] : read_tensorflow_js(folder / "manifest.json", bytes))
    numbers += static_cast<uint64_t>(tensor.numel());
  expect(numbers <= 16, "the numbers are those of the shards");
}

std::vector<std::string> seeds() {
  return {
      R"([{"weights": [{"name": "x", "shape": [2, 2], "dtype": "float32"}], "paths": ["a.bin", "b.bin"]}])",
      R"([{"weights": [{"name": "q", "shape": [6], "dtype": "float32",
           "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}}], "paths": ["a.bin"]},
          {"weights": [{"name": "r", "shape": [2, 1, 5], "dtype": "int32",
           "quantization": {"dtype": "uint8", "scale": 1e9, "min": 0}}], "paths": ["b.bin"]}])",
      R"([{"weights": [], "paths": ["../a.bin"]}])",
      R"([{"weights": [{"name": "\u00e9", "shape": [], "dtype": "int32"}], "paths": ["a.bin"]}])",
      "[]",
  };
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
