#include "leaf/model/formats/pickle_globals.h"

#include <algorithm>
#include <array>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

constexpr size_t kMaxRank = 64;  ///< what libtorch's loops can do

enum class GlobalRole { ordered_dict, storage, rebuild_tensor, rebuild_parameter, size, device, type, encode };

struct AllowedGlobal {
  std::string_view name;
  GlobalRole role;
};

constexpr AllowedGlobal kAllowed[] = {
    {"collections.OrderedDict", GlobalRole::ordered_dict},
    {"torch.FloatStorage", GlobalRole::storage},
    {"torch.HalfStorage", GlobalRole::storage},
    {"torch.DoubleStorage", GlobalRole::storage},
    {"torch.BFloat16Storage", GlobalRole::storage},
    {"torch.LongStorage", GlobalRole::storage},
    {"torch.IntStorage", GlobalRole::storage},
    {"torch.ShortStorage", GlobalRole::storage},
    {"torch.CharStorage", GlobalRole::storage},
    {"torch.ByteStorage", GlobalRole::storage},
    {"torch.BoolStorage", GlobalRole::storage},
    {"torch._utils._rebuild_tensor_v2", GlobalRole::rebuild_tensor},
    {"torch._utils._rebuild_tensor", GlobalRole::rebuild_tensor},
    {"torch._utils._rebuild_parameter", GlobalRole::rebuild_parameter},
    {"torch.nn.parameter.Parameter", GlobalRole::rebuild_parameter},
    {"torch.Size", GlobalRole::size},
    {"torch.device", GlobalRole::device},
    {"torch.float32", GlobalRole::type},
    {"torch.float64", GlobalRole::type},
    {"torch.float16", GlobalRole::type},
    {"torch.bfloat16", GlobalRole::type},
    {"torch.int64", GlobalRole::type},
    {"torch.int32", GlobalRole::type},
    {"torch.int16", GlobalRole::type},
    {"torch.int8", GlobalRole::type},
    {"torch.uint8", GlobalRole::type},
    {"torch.bool", GlobalRole::type},
    {"_codecs.encode", GlobalRole::encode},
};

/// Whether it is a class of a network rather than something that a file has no reason to ask for.
bool is_class(std::string_view module, std::string_view name) {
  constexpr std::array<std::string_view, 12> kNever = {"sys",        "os",    "posix",     "nt",     "builtins", "__builtin__",
                                                       "subprocess", "runpy", "importlib", "shutil", "socket",   "commands"};
  const auto package = module.substr(0, module.find('.'));
  return std::find(kNever.begin(), kNever.end(), package) == kNever.end() && !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
}

[[noreturn]] void refuse(const AllowedGlobal& global) {
  fail("its pickle calls {} in a way that torch.save never does", global.name);
}

bool is_item(const PickleValue& value, PickleKind kind) { return value.kind == kind; }

std::vector<int64_t> numbers(const Pickle& pickle, const PickleValue& value) {
  if (value.kind != PickleKind::tuple) fail("a tensor's shape or strides are no tuple");
  if (value.items.size() > kMaxRank) fail("a tensor has {} dimensions, more than {}", value.items.size(), kMaxRank);
  std::vector<int64_t> result;
  for (const auto item : value.items) {
    if (pickle.at(item).kind != PickleKind::integer) fail("a tensor's shape or strides are no integers");
    result.push_back(pickle.at(item).integer);
  }
  return result;
}

void spend(size_t& budget, size_t items) {
  if (items > budget) fail("its pickle copies more than it holds");
  budget -= items;
}

/// (storage, offset, size, stride, requires_grad, hooks) or its first four.
PickleValue rebuild_tensor(Pickle& pickle, const AllowedGlobal& global, const PickleValue& arguments, size_t& budget) {
  const auto& parts = arguments.items;
  if (parts.size() < 4 || parts.size() > 7) refuse(global);
  const auto& storage = pickle.at(parts[0]);
  const auto& offset = pickle.at(parts[1]);
  if (!is_item(storage, PickleKind::storage) || !is_item(offset, PickleKind::integer)) refuse(global);
  PickledTensor tensor{static_cast<size_t>(storage.integer), offset.integer, numbers(pickle, pickle.at(parts[2])),
                       numbers(pickle, pickle.at(parts[3]))};
  if (tensor.size.size() != tensor.stride.size()) {
    fail("a tensor has {} sizes, but {} strides", tensor.size.size(), tensor.stride.size());
  }
  spend(budget, tensor.size.size() + tensor.stride.size());
  pickle.tensors.push_back(std::move(tensor));
  return {.kind = PickleKind::tensor, .integer = static_cast<int64_t>(pickle.tensors.size() - 1), .text = {}, .items = {}};
}

/// Nothing, or (Python 2) one list of pairs.
PickleValue ordered_dict(const Pickle& pickle, const AllowedGlobal& global, const PickleValue& arguments, size_t& budget) {
  PickleValue dict{.kind = PickleKind::dict, .text = global.name, .items = {}};
  if (arguments.items.empty()) return dict;
  const auto& list = pickle.at(arguments.items[0]);
  if (arguments.items.size() != 1 || !is_item(list, PickleKind::list)) refuse(global);
  spend(budget, list.items.size());
  for (const auto item : list.items) {
    const auto& pair = pickle.at(item);
    const bool valid = (is_item(pair, PickleKind::list) || is_item(pair, PickleKind::tuple)) && pair.items.size() == 2;
    if (!valid) refuse(global);
    dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
  }
  return dict;
}

}  // namespace

PickleValue allowed_global(std::string_view module, std::string_view name, bool first) {
  for (size_t i = 0; i < std::size(kAllowed); ++i) {
    const auto known = kAllowed[i].name;
    const bool same = known.size() == module.size() + 1 + name.size() && known.starts_with(module) &&
                      known[module.size()] == '.' && known.ends_with(name);
    if (same) return {.kind = PickleKind::global, .integer = static_cast<int64_t>(i), .text = known, .items = {}};
  }
  const auto wanted = shortened(std::string(module.substr(0, 100)) + "." + std::string(name.substr(0, 100)));
  if (is_class(module, name) && (first || module.starts_with("torch.nn.modules."))) {
    fail(
        "it is a whole pickled module: its class {} would need code to load; save its state_dict instead, "
        "torch.save(model.state_dict(), …)",
        wanted);
  }
  fail(
      "it asks for {}, which is not on the list of what a checkpoint may name; nothing of it was run. Save a state_dict "
      "alone, from a place you trust",
      wanted);
}

PickleValue call_global(Pickle& pickle, const PickleValue& function, const PickleValue& arguments, size_t& budget) {
  const auto& global = kAllowed[function.integer];
  const auto& parts = arguments.items;
  const auto is = [&](size_t i, PickleKind kind) { return i < parts.size() && is_item(pickle.at(parts[i]), kind); };
  switch (global.role) {
    case GlobalRole::ordered_dict:
      return ordered_dict(pickle, global, arguments, budget);
    case GlobalRole::rebuild_tensor:
      return rebuild_tensor(pickle, global, arguments, budget);
    case GlobalRole::rebuild_parameter:
      if (!is(0, PickleKind::tensor)) refuse(global);
      return pickle.at(parts[0]);
    case GlobalRole::size:
      if (parts.size() != 1 || !is(0, PickleKind::tuple)) refuse(global);
      spend(budget, pickle.at(parts[0]).items.size());
      return pickle.at(parts[0]);
    case GlobalRole::device:
      return {.kind = PickleKind::object, .text = global.name, .items = {}};
    case GlobalRole::encode:
      if (!is(0, PickleKind::text) || !is(1, PickleKind::text) || pickle.at(parts[1]).text != "latin1") refuse(global);
      return {.kind = PickleKind::bytes, .text = pickle.at(parts[0]).text, .items = {}};
    case GlobalRole::storage:
    case GlobalRole::type:
      break;
  }
  refuse(global);
}

PickledStorage pickled_storage(const Pickle& pickle, const PickleValue& id) {
  const auto& parts = id.items;
  const auto is = [&](size_t i, PickleKind kind) { return is_item(pickle.at(parts[i]), kind); };
  const bool shape = id.kind == PickleKind::tuple && (parts.size() == 5 || parts.size() == 6);
  if (!shape || !is(0, PickleKind::text) || pickle.at(parts[0]).text != "storage" || !is(1, PickleKind::global)) {
    fail("it refers to something outside its pickle that is no storage of numbers");
  }
  constexpr std::string_view kTorch = "torch.";
  const auto& type = kAllowed[pickle.at(parts[1]).integer];
  if (type.role != GlobalRole::storage || !is(2, PickleKind::text) || !is(3, PickleKind::text) || !is(4, PickleKind::integer)) {
    fail("it describes a storage in a way that torch.save never does");
  }
  if (parts.size() == 6 && !is(5, PickleKind::none))
    fail("a storage is a part of another one, which is not supported; save it again");
  const int64_t numel = pickle.at(parts[4]).integer;
  if (numel < 0) fail("a storage would have {} numbers", numel);
  constexpr size_t kLongestKey = 100;  // bytes; torch.save writes a number. It is compared for each of its tensors
  if (pickle.at(parts[2]).text.size() > kLongestKey)
    fail("the key of a storage, {}, has more than {} bytes", shortened(pickle.at(parts[2]).text), kLongestKey);
  return {type.name.substr(kTorch.size()), pickle.at(parts[2]).text, pickle.at(parts[3]).text, numel};
}

}  // namespace leaf
