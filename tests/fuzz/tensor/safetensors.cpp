#include "leaf/model/formats/safetensors.h"

#include "leaf/base/bytes.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  const auto file = read_safetensors(as_file(input));
  uint64_t bytes = 0;
  for (const auto& [name, tensor] : file.tensors) bytes += tensor.nbytes();
  expect(bytes <= input.size(), "the numbers are those of the file");
}

std::vector<std::string> seeds() {
  TensorFile file;
  file.metadata = {{"format", "pt"}, {"note", "gr\xc3\xbc\xc3\x9f \"x\"\n"}};
  std::vector<std::string> result;
  const auto path = scratch_folder() / "seed";
  for (const auto type : {torch::kBool, torch::kUInt8, torch::kHalf, torch::kBFloat16, torch::kFloat, torch::kLong}) {
    file.tensors[std::to_string(file.tensors.size())] = torch::ones({2, static_cast<int64_t>(file.tensors.size())}, type);
    write_safetensors(path, file, file.tensors.size() % 2 == 0);
    result.push_back(read_file(path));
  }
  return result;
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
