#include "leaf/model/formats/checkpoint.h"
#include "tests/data/archives.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/repair.h"
#include "tests/model/formats/torch_files.h"

namespace leaf::fuzz {
namespace {

using namespace torch_files;

void take(std::string_view input) {
  const auto checkpoint = parse_checkpoint({reinterpret_cast<const uint8_t*>(input.data()), input.size()});
  for (const auto& [name, numbers] : checkpoint.tensors) numbers.to(torch::kDouble).sum().item<double>();
}

std::string zipped(const std::string& pickle) {
  return zip(
      {{"archive/data.pkl", pickle}, {"archive/byteorder", "little"}, {"archive/data/0", kNumbers}, {"archive/version", "3\n"}});
}

std::vector<std::string> seeds() {
  const View whole = {.size = {4}, .stride = {1}}, corner = {.size = {2, 1}, .stride = {2, 1}, .offset = 1};
  std::vector<std::string> result;
  for (const bool old : {true, false}) {
    const auto plain = dict({{"x", tensor(whole, old)}, {"module.y", tensor(corner, old)}});
    const auto wrapped =
        dict({{"epoch", integer(21)}, {"state_dict", plain}, {"args", "K\1K\2\x86"}, {"best", "G?\xf0\0\0\0\0\0\0"}});
    for (const auto& opcodes : {plain, wrapped}) result.push_back(old ? legacy(opcodes, kOneStorage) : zipped(program(opcodes)));
  }
  // Memos, sizes and a class that is not on the list.
  result.push_back(legacy("}q\0(" + text("x") + "q\1" + tensor(whole) + "h\1h\0u", kOneStorage));
  result.push_back(legacy(global("posix", "system") + "(" + text("true") + "tR", {}));
  return result;
}

void repair(std::string& input) {
  if (input.starts_with("PK")) repair_zip(input);
}

}  // namespace

const Target target = {take, seeds, repair};

}  // namespace leaf::fuzz
