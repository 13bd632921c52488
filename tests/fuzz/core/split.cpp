#include "leaf/base/bytes.h"
#include "leaf/data/face_store.h"
#include "leaf/pools/split_file.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

/// Faces of two classes; the last has no label.
Datasets datasets() {
  auto dataset = std::make_shared<Dataset>();
  dataset->name = "folder";
  dataset->classes = {"anger", "fear"};
  std::vector<StoredFace> faces;
  for (uint8_t i = 0; i < 8; ++i) {
    auto& record = dataset->records.emplace_back();
    record.path = fmt::format("{}.png", i);
    record.label = i == 7 ? kUnlabeled : i % 2;
    faces.push_back(pack_face(Image(1, 1, {i, i, i})));
  }
  dataset->faces = store_in_memory(std::move(faces));
  return {.source = dataset, .unlabeled = nullptr, .test = nullptr};
}

void take(std::string_view input) {
  static const auto known = datasets();
  const auto pools = read_split(as_file(input), known);
  for (const auto* pool : {&pools.labeled, &pools.unlabeled, &pools.validation, &pools.test}) {
    for (const auto row : pool->rows) expect(row >= 0 && row < pool->dataset->size(), "a face is one of the data set");
  }
  check_unchanged(pools);
}

std::vector<std::string> seeds() {
  const auto known = datasets();
  Pools pools;
  for (auto* pool : {&pools.labeled, &pools.unlabeled, &pools.validation, &pools.test}) pool->dataset = known.source;
  pools.labeled.rows = {0, 1}, pools.unlabeled.rows = {2, 3, 7}, pools.validation.rows = {4}, pools.test.rows = {5, 6};
  const auto path = scratch_folder() / "split.json";
  save_split(path, pools, {});
  return {read_file(path), R"({"version": 1, "classes": ["anger", "fear"], "labeled": {"dataset": "folder", "faces": []}})"};
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
