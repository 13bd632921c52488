#include "leaf/model/formats/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/formats/pickle_globals.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/model/formats/tensorflow_js.h"
#include "leaf/model/formats/torch_file.h"

namespace leaf {
namespace {

/// Under which keys people keep weights, the likelier ones first.
constexpr std::string_view kWrappers[] = {
    "state_dict",     "model_state_dict", "model_state", "model",      "net",     "network",
    "params",         "module",           "backbone",    "encoder",    "weights", "state_dict_ema",
    "ema_state_dict", "model_ema",        "ema_model",   "params_ema", "ema",     "teacher",
    "student"};

std::string key_text(const Pickle& pickle, const PickleValue& key) {
  if (key.kind == PickleKind::text) return std::string(key.text);
  if (key.kind == PickleKind::integer) return std::to_string(key.integer);
  return pickle.describe(key);
}

/// The walk from a pickle's top to the dict with the tensors.
class Unwrapper {
 public:
  Unwrapper(const Pickle& pickle, Checkpoint& result) : pickle_(pickle), result_(result) {}

  const PickleValue& run() {
    constexpr int kDeepest = 4;
    const auto* dict = &pickle_.top();
    if (dict->kind != PickleKind::dict) fail("it holds a {} instead of a dict of tensors", pickle_.describe(*dict));
    for (int depth = 0; depth < kDeepest; ++depth) {
      const auto* inner = choose(*dict);
      if (inner == nullptr) break;
      dict = inner;
    }
    return *dict;
  }

  void add_other(const std::string& name, const PickleValue& value) {
    auto what = pickle_.describe(value);
    if (const auto tensors = count_tensors(value); tensors > 0) what += fmt::format(", {} of them tensors", tensors);
    result_.others.emplace_back(shortened(path_ + shortened(name)), what);
  }

 private:
  /// The dict inside that has the tensors, or null when it is this one. Everything beside it is noted.
  const PickleValue* choose(const PickleValue& dict) {
    std::vector<size_t> inner;
    size_t chosen = 0;
    auto best = std::size(kWrappers);
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      if (!leads_to_tensors(pickle_.at(dict.items[i + 1]))) continue;
      inner.push_back(i);
      const auto name = key_text(pickle_, pickle_.at(dict.items[i]));
      const auto rank = static_cast<size_t>(std::find(std::begin(kWrappers), std::end(kWrappers), name) - std::begin(kWrappers));
      if (rank < best) best = rank, chosen = i;
    }
    if (best == std::size(kWrappers)) {
      if (inner.empty() || count_tensors(dict) > 0) return nullptr;
      if (inner.size() > 1)
        fail("it has {} dicts of tensors, and none of them under a usual name ({})", inner.size(), names(dict, inner));
      chosen = inner[0];
    }
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      if (i != chosen) add_other(key_text(pickle_, pickle_.at(dict.items[i])), pickle_.at(dict.items[i + 1]));
    }
    result_.wrappers.push_back(shortened(key_text(pickle_, pickle_.at(dict.items[chosen]))));
    path_ += result_.wrappers.back() + ".";
    return &pickle_.at(dict.items[chosen + 1]);
  }

  /// Of a dict. A file may hold one dict a thousand times, so each is counted once.
  size_t count_tensors(const PickleValue& value) {
    if (value.kind != PickleKind::dict) return 0;
    const auto [found, is_new] = tensors_.try_emplace(&value, 0);
    if (!is_new) return found->second;
    for (size_t i = 1; i < value.items.size(); i += 2)
      found->second += pickle_.at(value.items[i]).kind == PickleKind::tensor ? 1 : 0;
    return found->second;
  }

  /// Whether it is a dict that has tensors, or one that has such a dict under a usual name.
  bool leads_to_tensors(const PickleValue& value) {
    if (value.kind != PickleKind::dict) return false;
    if (count_tensors(value) > 0) return true;
    const auto [found, is_new] = leads_.try_emplace(&value, false);
    if (is_new) {
      found->second = std::any_of(std::begin(kWrappers), std::end(kWrappers), [&](auto name) {
        const auto* inner = pickle_.find(value, name);
        return inner != nullptr && count_tensors(*inner) > 0;
      });
    }
    return found->second;
  }

  std::string names(const PickleValue& dict, const std::vector<size_t>& places) const {
    std::vector<std::string> words;
    for (size_t i = 0; i < std::min<size_t>(places.size(), 5); ++i)
      words.push_back(shortened(key_text(pickle_, pickle_.at(dict.items[places[i]]))));
    return join(words) + (places.size() > words.size() ? ", …" : "");
  }

  const Pickle& pickle_;
  Checkpoint& result_;
  std::string path_;
  std::unordered_map<const PickleValue*, size_t> tensors_;
  std::unordered_map<const PickleValue*, bool> leads_;
};

/// Takes off what all names begin with: "module.", once or several times.
void remove_prefix(Checkpoint& checkpoint) {
  constexpr std::string_view kPrefix = "module.";
  const auto length = [&](std::string_view name) {  // of a name's prefixes; something is left behind them
    size_t n = 0;
    while (name.substr(n).starts_with(kPrefix) && name.size() > n + kPrefix.size()) n += kPrefix.size();
    return n;
  };
  if (checkpoint.tensors.empty()) return;
  size_t least = length(checkpoint.tensors.begin()->first);
  for (const auto& [name, tensor] : checkpoint.tensors) least = std::min(least, length(name));
  if (least == 0) return;
  checkpoint.prefix = checkpoint.tensors.begin()->first.substr(0, least);
  std::map<std::string, torch::Tensor> renamed;
  for (auto& [name, tensor] : checkpoint.tensors) renamed.emplace(name.substr(least), std::move(tensor));
  checkpoint.tensors = std::move(renamed);
}

Checkpoint read_torch(std::span<const uint8_t> bytes, TorchForm form) {
  constexpr uint64_t kMostSharing = 16, kAnyFile = 1 << 20;
  TorchFile file(bytes, form);
  const auto& pickle = file.pickle();
  Checkpoint result;
  result.kind = form == TorchForm::zip ? "PyTorch checkpoint (zip form)" : "PyTorch checkpoint (form before 1.6)";
  Unwrapper unwrapper(pickle, result);
  const auto& dict = unwrapper.run();
  uint64_t total = 0;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const auto name = key_text(pickle, pickle.at(dict.items[i]));
    const auto& value = pickle.at(dict.items[i + 1]);
    if (value.kind != PickleKind::tensor || pickle.at(dict.items[i]).kind != PickleKind::text) {
      unwrapper.add_other(name, value);
      continue;
    }
    const auto tensor = file.tensor(pickle.tensors[static_cast<size_t>(value.integer)]);
    total += tensor.nbytes();
    if (total > kMostSharing * bytes.size() + kAnyFile)
      fail("its tensors share memory and would take more than {} times its size", kMostSharing);
    if (!result.tensors.emplace(name, tensor).second) fail("tensor \"{}\" is listed twice", shortened(name));
  }
  if (result.tensors.empty()) fail("it holds no tensors by name, but a {}", pickle.describe(pickle.top()));
  remove_prefix(result);
  return result;
}

Checkpoint read_own(const std::filesystem::path& path) {
  auto file = read_safetensors(path);
  Checkpoint result;
  result.kind = file.metadata.contains("leaf_model")        ? "LEAF model"
                : file.metadata.contains("leaf_checkpoint") ? "LEAF checkpoint"
                : file.metadata.contains("leaf_weights")    ? "LEAF weights"
                                                            : "safetensors";
  result.tensors = std::move(file.tensors);
  result.metadata = std::move(file.metadata);
  remove_prefix(result);
  return result;
}

Checkpoint read_manifest(const std::filesystem::path& path, std::span<const uint8_t> bytes) {
  Checkpoint result;
  result.kind = "TensorFlow.js weights";
  result.tensors = read_tensorflow_js(path, bytes);
  return result;
}

/// What else a file may be, as advice.
std::string guess(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > 262 && text.substr(257, 5) == "ustar") {
    return "it is a tar archive: PyTorch 0.1.1 saved such files, which are not supported; load it with PyTorch and save it "
           "again, or unpack it";
  }
  if (text.starts_with("version https://git-lfs")) return "it is a pointer of Git LFS; fetch the file itself with git lfs pull";
  if (text.starts_with("<")) return "it is a web page; the download needs another address";
  if (text.starts_with("\x80")) return "it is a pickle, but not of torch.save, or a truncated one";
  return "it is none of torch.save's forms, no safetensors file, no manifest of TensorFlow.js, or truncated at its very start";
}

/// A zip file's and a legacy file's first 8 bytes are lengths beyond every file.
bool is_safetensors(std::span<const uint8_t> bytes) {
  uint64_t length = 0;
  if (bytes.size() < sizeof(length) + 2) return false;
  std::memcpy(&length, bytes.data(), sizeof(length));
  return bytes[sizeof(length)] == '{' || length <= bytes.size() - sizeof(length);
}

}  // namespace

Checkpoint parse_checkpoint(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("PK\x03\x04")) return read_torch(bytes, TorchForm::zip);
  if (is_legacy_form(bytes)) return read_torch(bytes, TorchForm::legacy);
  fail("{}", guess(text));
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const MappedFile file(path);
  const bool manifest = is_tensorflow_js(file.bytes());
  if (!manifest && is_safetensors(file.bytes())) return read_own(path);
  try {
    return manifest ? read_manifest(path, file.bytes()) : parse_checkpoint(file.bytes());
  } catch (const Error& error) {
    fail("cannot read weights from {}: {}", path.string(), error.what());
  }
}

}  // namespace leaf
