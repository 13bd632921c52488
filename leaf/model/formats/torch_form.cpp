#include "leaf/model/formats/torch_form.h"

#include <bit>
#include <cstring>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/formats/pickle_globals.h"
#include "leaf/model/formats/stored_zip.h"

namespace leaf {
namespace {

static_assert(std::endian::native == std::endian::little, "both forms are read as little-endian");

std::string_view text_of(std::span<const uint8_t> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The folder in the zip file that holds `data.pkl`, with its slash.
std::string zip_folder(const StoredZip& zip) {
  constexpr std::string_view kPickle = "/data.pkl";
  std::string folder;
  for (const auto& [name, entry] : zip.entries()) {
    if (!name.ends_with(kPickle) || name.find('/') != name.size() - kPickle.size()) continue;
    if (!folder.empty()) fail("it is a zip file with two checkpoints");
    folder = name.substr(0, name.size() - kPickle.size() + 1);
  }
  if (folder.empty()) fail("it is a zip file, but not of torch.save: it has no data.pkl");
  return folder;
}

void check_zip_version(const StoredZip& zip, const std::string& folder) {
  constexpr int64_t kNewestVersion = 10;
  if (zip.contains(folder + "constants.pkl"))
    fail("it is a TorchScript program, which would have to be run; save its state_dict instead");
  const auto version = to_integer(trim(text_of(zip.read(folder + "version"))));
  if (!version || *version < 1) fail("its zip entry version is no number");
  if (*version > kNewestVersion)
    fail("it has version {} of PyTorch's zip form, and {} is the newest known", *version, kNewestVersion);
  if (zip.contains(folder + "byteorder") && trim(text_of(zip.read(folder + "byteorder"))) != "little") {
    fail("its numbers are big-endian, which is not supported; save it again on another machine");
  }
}

/// Takes the pickles and numbers of the legacy form from front to back.
class LegacyReader {
 public:
  explicit LegacyReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  Pickle pickle() {
    auto pickle = read_pickle(rest_);
    rest_ = rest_.subspan(pickle.length);
    return pickle;
  }
  std::span<const uint8_t> take(uint64_t size, std::string_view key) {
    if (size > rest_.size()) fail("it is truncated: storage {} needs {} bytes, {} are left", shortened(key), size, rest_.size());
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  size_t left() const { return rest_.size(); }

 private:
  std::span<const uint8_t> rest_;
};

void check_legacy_header(LegacyReader& reader) {
  constexpr int64_t kVersion = 1001;
  reader.pickle();  // the magic number, which was compared before
  const auto version = reader.pickle();
  if (version.top().kind != PickleKind::integer || version.top().integer != kVersion) {
    fail("its protocol version is {}, not {}", version.describe(version.top()), kVersion);
  }
  const auto system = reader.pickle();
  const auto* little = system.find(system.top(), "little_endian");
  if (little == nullptr || little->kind != PickleKind::boolean) fail("its header does not tell the byte order");
  if (little->integer == 0) fail("its numbers are big-endian, which is not supported; save it again on another machine");
}

}  // namespace

TorchParts open_zip_form(std::span<const uint8_t> bytes) {
  const StoredZip zip(bytes);
  const auto folder = zip_folder(zip);
  check_zip_version(zip, folder);
  TorchParts parts{read_pickle(zip.read(folder + "data.pkl")), {}};
  for (const auto& storage : parts.pickle.storages) {
    if (!parts.storages.contains(storage.key))
      parts.storages.emplace(storage.key, zip.read(folder + "data/" + std::string(storage.key)));
  }
  return parts;
}

TorchParts open_legacy_form(std::span<const uint8_t> bytes) {
  LegacyReader reader(bytes);
  check_legacy_header(reader);
  TorchParts parts{reader.pickle(), {}};
  std::map<std::string_view, const PickledStorage*> described;
  for (const auto& storage : parts.pickle.storages) described.emplace(storage.key, &storage);
  const auto keys = reader.pickle();
  if (keys.top().kind != PickleKind::list) fail("its list of storages is missing");
  for (const auto item : keys.top().items) {
    const auto& key = keys.at(item);
    const auto found = key.kind == PickleKind::text ? described.find(key.text) : described.end();
    if (found == described.end()) fail("its list of storages has one that no tensor names: {}", keys.describe(key));
    int64_t numel = 0;
    std::memcpy(&numel, reader.take(sizeof(numel), key.text).data(), sizeof(numel));
    if (numel != found->second->numel)
      fail("storage {} has {} numbers instead of {}", shortened(key.text), numel, found->second->numel);
    const bool added = parts.storages.emplace(found->first, reader.take(storage_bytes(*found->second), key.text)).second;
    if (!added) fail("storage {} is there twice", shortened(key.text));
  }
  if (reader.left() > 0) fail("{} bytes at its end belong to nothing", reader.left());
  return parts;
}

}  // namespace leaf
