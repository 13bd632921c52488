// Expressions of pictures of one aligned face each: predict MODEL PICTURE…
//
//     c++ -std=c++17 predict.cpp -o predict $(pkg-config --cflags --libs leaf)
#include <leaf.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

int main(int argc, char** argv) {
  leaf_model* opened = nullptr;
  if (argc < 3 || leaf_open(argv[1], nullptr, &opened) != LEAF_OK) {
    std::fprintf(stderr, "predict: %s\n", argc < 3 ? "usage: predict MODEL PICTURE..." : leaf_error());
    return 1;
  }
  const std::unique_ptr<leaf_model, decltype(&leaf_close)> model(opened, leaf_close);
  std::vector<float> probabilities(leaf_class_count(model.get()));
  bool all_read = true;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    if (leaf_predict_encoded(model.get(), bytes.data(), bytes.size(), probabilities.data()) == LEAF_OK) {
      const auto best = std::max_element(probabilities.begin(), probabilities.end());
      std::printf("%s: %s, %.1f %%\n", argv[i], leaf_class_name(model.get(), best - probabilities.begin()), 100 * *best);
    } else {
      std::fprintf(stderr, "predict: %s: %s\n", argv[i], leaf_error());
      all_read = false;
    }
  }
  return all_read ? 0 : 1;
}
