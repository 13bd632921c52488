#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/tensor/commands.h"
#include "app/tensor/output.h"
#include "leaf/base/bytes.h"
#include "leaf/base/options.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/model/formats/safetensors_header.h"

namespace leaf::app {
namespace {

struct Sum {
  int64_t numbers = 0;
  uint64_t bytes = 0;
};

Sum sum(const Checkpoint& checkpoint) {
  Sum result;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    result.numbers += tensor.numel();
    result.bytes += tensor.nbytes();
  }
  return result;
}

std::string shape_text(const torch::Tensor& tensor, const char* separator) {
  return fmt::format("{}", fmt::join(tensor.sizes().vec(), separator));
}

std::string type_text(const torch::Tensor& tensor) { return number_type(tensor.scalar_type()).name; }

std::string as_text(const Checkpoint& checkpoint, const std::string& file) {
  constexpr size_t kShown = 200;
  const auto total = sum(checkpoint);
  auto text = fmt::format("{}: {}\n{} tensors, {} numbers (parameters and buffers), {}\n", file, checkpoint.kind,
                          checkpoint.tensors.size(), total.numbers, human_bytes(total.bytes));
  for (const auto& wrapper : checkpoint.wrappers) text += fmt::format("inside of: {}\n", printable(wrapper));
  if (!checkpoint.prefix.empty()) text += fmt::format("before every name: {}\n", checkpoint.prefix);
  for (const auto& [name, what] : checkpoint.others) text += fmt::format("beside the tensors: {}: {}\n", printable(name), what);
  for (const auto& [key, value] : checkpoint.metadata) {
    text += fmt::format("metadata: {}: {}{}\n", printable(key), printable(value.substr(0, kShown)),
                        value.size() > kShown ? "… (whole with --format json)" : "");
  }
  size_t widest = 0;
  for (const auto& [name, tensor] : checkpoint.tensors) widest = std::max(widest, std::min(name.size(), kShown));
  text += "\n";
  for (const auto& [name, tensor] : checkpoint.tensors) {
    text += fmt::format("{:<{}}  {:<4}  [{}]\n", printable(name), widest, type_text(tensor), shape_text(tensor, ", "));
  }
  return text;
}

std::string as_csv(const Checkpoint& checkpoint) {
  std::string text = "name,type,shape,numbers\n";
  for (const auto& [name, tensor] : checkpoint.tensors) {
    text += fmt::format("{},{},{},{}\n", csv_field(name), type_text(tensor), shape_text(tensor, "x"), tensor.numel());
  }
  return text;
}

std::string as_json(const Checkpoint& checkpoint, const std::string& file) {
  const auto total = sum(checkpoint);
  Json others = Json::object(), tensors = Json::array();
  for (const auto& [name, what] : checkpoint.others) others[name] = what;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    tensors.push_back(
        {{"name", name}, {"type", type_text(tensor)}, {"shape", tensor.sizes().vec()}, {"numbers", tensor.numel()}});
  }
  const Json all = {{"file", file},
                    {"kind", checkpoint.kind},
                    {"wrappers", checkpoint.wrappers},
                    {"prefix", checkpoint.prefix},
                    {"numbers", total.numbers},
                    {"bytes", total.bytes},
                    {"others", others},
                    {"metadata", checkpoint.metadata},
                    {"tensors", tensors}};
  return json_text(all);
}

}  // namespace

void run_inspect(const InspectArguments& arguments) {
  const auto checkpoint = read_checkpoint(arguments.file);
  deliver(arguments.format == "json"  ? as_json(checkpoint, arguments.file)
          : arguments.format == "csv" ? as_csv(checkpoint)
                                      : as_text(checkpoint, arguments.file),
          "");
}

}  // namespace leaf::app
