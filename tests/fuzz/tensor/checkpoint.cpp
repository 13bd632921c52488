#include "leaf/base/bytes.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/train/session.h"
#include "tests/fuzz/fuzz.h"
#include "tests/runs/tinted.h"

namespace leaf::fuzz {
namespace {

constexpr int64_t kSteps = 10;

Session& session() {
  static const auto pools = [] {
    const auto dataset = tinted_dataset(60);
    Pools result;
    int64_t next = 0;
    for (auto* pool : {&result.labeled, &result.unlabeled, &result.validation, &result.test})
      *pool = tinted_pool(dataset, {5, 5, 5}, next);
    return result;
  }();
  static auto made = [] {
    auto config = tinted_config();
    config.algorithm = "supervised";
    config.train.labeled_batch = 2;
    return make_session(on_this_machine(resolve(config)), pools);
  }();
  return made;
}

void take(std::string_view input) {
  auto& state = session().state;
  state.load(as_file(input), session().identity, kSteps);
  expect(state.step >= 0 && state.step <= kSteps && state.best_step >= 0 && state.best_step <= state.step, "a step of the run");
}

/// Two checkpoints without the many numbers of a network.
std::vector<std::string> seeds() {
  std::vector<std::string> result;
  const auto path = scratch_folder() / "seed";
  for (const auto* progress : {R"({"step": 3, "best": 0.5, "best_step": 2})", R"({"step": 10, "best": -1, "best_step": 0})"}) {
    TensorFile file;
    file.metadata = {{"leaf_checkpoint", "2"}, {"identity", session().identity.dump()}, {"progress", progress}};
    file.tensors["algorithm.x"] = torch::ones({2});
    write_safetensors(path, file, /*checksum=*/true);
    result.push_back(read_file(path));
  }
  return result;
}

/// Of a file that can be read but for its checksum.
void repair(std::string& input) {
  const std::string name = "leaf_checksum", other = "leaf_checksun";
  const auto at = input.find(name);
  if (at == std::string::npos) return;
  auto unchecked = input;
  unchecked.replace(at, name.size(), other);
  try {
    auto file = read_safetensors(as_file(unchecked));
    file.metadata.erase(other);
    const auto path = scratch_folder() / "repaired";
    write_safetensors(path, file, /*checksum=*/true);
    input = read_file(path);
  } catch (const Error&) {  // it is refused with any checksum
  }
}

}  // namespace

const Target target = {take, seeds, repair};

}  // namespace leaf::fuzz
