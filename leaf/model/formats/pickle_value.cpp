#include "leaf/model/formats/pickle_value.h"

#include <fmt/ranges.h>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {

const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) const {
  const PickleValue* found = nullptr;
  for (size_t i = 0; dict.kind == PickleKind::dict && i + 1 < dict.items.size(); i += 2) {
    const auto& name = at(dict.items[i]);
    if (name.kind == PickleKind::text && name.text == key) found = &at(dict.items[i + 1]);
  }
  return found;
}

std::string Pickle::describe(const PickleValue& value) const {
  switch (value.kind) {
    case PickleKind::none:
      return "None";
    case PickleKind::boolean:
      return value.integer != 0 ? "True" : "False";
    case PickleKind::integer:
      return fmt::format("integer {}", value.integer);
    case PickleKind::long_integer:
      return fmt::format("integer of {} bytes", value.text.size());
    case PickleKind::real:
      return fmt::format("number {}", value.real);
    case PickleKind::text:
      return fmt::format("text \"{}\"", shortened(value.text));
    case PickleKind::bytes:
      return "bytes";
    case PickleKind::tuple:
      return fmt::format("tuple of {}", value.items.size());
    case PickleKind::list:
      return fmt::format("list of {}", value.items.size());
    case PickleKind::dict:
      return fmt::format("dict of {} entries", value.items.size() / 2);
    case PickleKind::global:
    case PickleKind::object:
      return std::string(value.text);
    case PickleKind::storage:
      return "storage";
    case PickleKind::tensor:
      return fmt::format("tensor of shape [{}]", fmt::join(tensors[static_cast<size_t>(value.integer)].size, ", "));
  }
  return "value";
}

std::string shortened(std::string_view text) {
  constexpr size_t kShown = 100;
  return printable(text.substr(0, kShown)) + (text.size() > kShown ? "…" : "");
}

}  // namespace leaf
