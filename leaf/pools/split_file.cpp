#include "leaf/pools/split_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/pools/harder.h"
#include "leaf/pools/split.h"

namespace leaf {
namespace {

constexpr int64_t kSplitVersion = 1;

Json pool_to_json(const Pool& pool) {
  Json faces = Json::array();
  for (const int64_t row : pool.rows) faces.push_back(pool.dataset->records[row].name());
  return {{"dataset", pool.dataset->name}, {"faces", std::move(faces)}};
}

Json counts_of(const Pool& pool) {
  std::vector<int64_t> labels;
  for (const int64_t row : pool.rows) labels.push_back(pool.dataset->records[row].label);
  const auto counts = count_labels(labels, static_cast<int64_t>(pool.dataset->classes.size()));
  Json result = Json::object();
  for (size_t i = 0; i < counts.size(); ++i) result[pool.dataset->classes[i]] = counts[i];
  return result;
}

/// Reads the pools of one file; every mistake names it.
class SplitReader {
 public:
  SplitReader(const std::filesystem::path& path, const Datasets& datasets)
      : name_(printable(path.string())), datasets_(datasets) {
    json_ = parse_json(read_file(path));
    if (json_.is_discarded() || !json_.is_object())
      fail("{}: this is no JSON object; a split.json of an earlier run is expected", name_);
    if (json_.value("version", Json()) != Json(kSplitVersion)) {
      fail("{}: expected version {} of a split, found {}", name_, kSplitVersion, json_.value("version", Json()).dump());
    }
    if (json_.value("classes", Json()) != Json(datasets.source->classes)) {
      fail("{}: the split is for the classes {}, but {} has {}", name_, json_.value("classes", Json()).dump(),
           datasets.source->name, Json(datasets.source->classes).dump());
    }
  }

  Pool pool(const std::string& name, const std::shared_ptr<const Dataset>& dataset, bool needs_labels) {
    const Json entry = json_.value(name, Json());
    if (!entry.is_object() || !entry.value("faces", Json()).is_array())
      fail("{}: the pool \"{}\" is missing or has no list of faces", name_, name);
    if (entry.value("dataset", Json()) != Json(dataset->name)) {
      fail("{}: the {} faces belong to {}, but the data set is {}", name_, name, entry.value("dataset", Json()).dump(),
           dataset->name);
    }
    Pool pool{dataset, rows_of(name, entry["faces"], *dataset)};
    for (const int64_t row : pool.rows) {
      if (needs_labels && dataset->records[row].label < 0)
        fail("{}: the {} face {} has no label", name_, name, printable(dataset->records[row].name()));
    }
    return pool;
  }

  /// Whether the labels to choose by are outside of the budget, as they were before there was a word on it.
  bool validation_outside() const {
    const auto outside = json_.value("validation_outside_of_budget", Json(true));
    if (!outside.is_boolean())
      fail("{}: \"validation_outside_of_budget\" must be true or false, not {}", name_, printable(outside.dump()));
    return outside.get<bool>();
  }

  /// Of the faces when the split was written; null in one of an earlier LEAF.
  Json fingerprint() const { return json_.value("fingerprint", Json()); }

  /// No face twice; rows behind the owner's own are foreign faces. `owner` is the data set as it was loaded.
  void claim(const std::string& name, const Dataset* owner, const Pool& pool) {
    for (const int64_t row : pool.rows) {
      const auto [found, is_new] = taken_[owner].emplace(row, name);
      if (!is_new)
        fail("{}: the face {} is both {} and {}", name_, printable(pool.dataset->records[row].name()), found->second, name);
    }
  }

 private:
  using Index = std::unordered_map<std::string, int64_t>;

  const Index& index_of(const Dataset& dataset) {
    auto& index = indices_[&dataset];
    if (index.empty()) {
      for (int64_t row = 0; row < dataset.size(); ++row) index.emplace(dataset.records[row].name(), row);
    }
    return index;
  }

  std::vector<int64_t> rows_of(const std::string& pool, const Json& faces, const Dataset& dataset) {
    const auto& index = index_of(dataset);
    std::vector<int64_t> rows;
    std::string missing;
    int64_t count = 0;
    for (const auto& face : faces) {
      if (!face.is_string()) fail("{}: the {} faces must be names, not {}", name_, pool, printable(face.dump()));
      const auto found = index.find(face.get<std::string>());
      if (found != index.end()) {
        rows.push_back(found->second);
      } else if (count++ == 0) {
        missing = face.get<std::string>();
      }
    }
    if (count > 0)
      fail("{}: {} of {} {} faces are not in {}, the first is {}; give the data set the split was made from", name_, count,
           faces.size(), pool, dataset.name, printable(missing));
    return rows;
  }

  std::string name_;
  const Datasets& datasets_;
  Json json_;
  std::map<const Dataset*, Index> indices_;
  std::map<const Dataset*, std::unordered_map<int64_t, std::string>> taken_;
};

std::array<std::pair<std::string, const Pool*>, 4> named(const Pools& pools) {
  return {
      {{"labeled", &pools.labeled}, {"unlabeled", &pools.unlabeled}, {"validation", &pools.validation}, {"test", &pools.test}}};
}

/// Numbers for what names do not tell of a pool's faces: a sample of the pixels, and the labels, but for those of unlabeled
/// faces, which nobody sees.
Json fingerprint(const std::string& name, const Pool& pool) {
  constexpr int64_t kSample = 1000;
  uint64_t pixels = hash_bytes(""), labels = pixels;
  for (const int64_t row : sample_of(pool, kSample).rows) pixels = hash_pixels(pool.dataset->faces->face(row), pixels);
  for (const int64_t label : labels_of(pool)) labels = hash_bytes(std::to_string(label) + ",", labels);
  Json result = {{"pixels", fmt::format("{:016x}", pixels)}};
  if (name != "unlabeled") result["labels"] = fmt::format("{:016x}", labels);
  return result;
}

}  // namespace

void save_split(const std::filesystem::path& path, const Pools& pools, const DataOptions& options) {
  Json json = {{"version", kSplitVersion},
               {"rule", options.split},
               {"labels", options.labels},
               {"seed", options.split_seed},
               {"validation_outside_of_budget", pools.validation_outside},
               {"classes", pools.labeled.dataset->classes}};
  for (const auto& [name, pool] : named(pools))
    json["counts"][name] = name == "unlabeled" ? Json(pool->size()) : counts_of(*pool);
  for (const auto& [name, pool] : named(pools)) json["fingerprint"][name] = fingerprint(name, *pool);
  for (const auto& [name, pool] : named(pools)) json[name] = pool_to_json(*pool);
  write_file(path, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Pools read_split(const std::filesystem::path& path, const Datasets& datasets) {
  SplitReader reader(path, datasets);
  const auto& own = datasets.unlabeled ? datasets.unlabeled : datasets.source;
  const auto unlabeled = with_foreign(own, datasets.foreign);
  const auto& test = datasets.test ? datasets.test : datasets.source;
  const auto& validation = datasets.validation ? datasets.validation : datasets.source;
  int64_t left_out = 0;
  const auto in_our_classes = [&](const std::shared_ptr<const Dataset>& dataset) {
    return dataset == datasets.source ? dataset : with_classes(dataset, datasets.source->classes, left_out);
  };
  Pools pools;
  pools.labeled = reader.pool("labeled", datasets.source, true);
  pools.unlabeled = reader.pool("unlabeled", unlabeled, false);
  pools.validation = reader.pool("validation", in_our_classes(validation), true);
  pools.test = reader.pool("test", in_our_classes(test), true);
  pools.validation_outside = reader.validation_outside();
  pools.fingerprint = reader.fingerprint();
  reader.claim("labeled", datasets.source.get(), pools.labeled);
  reader.claim("validation", validation.get(), pools.validation);
  reader.claim("test", test.get(), pools.test);
  reader.claim("unlabeled", own.get(), pools.unlabeled);
  if (own == datasets.source) pools.labeled.dataset = unlabeled;
  pools.remarks.push_back(fmt::format("the split is that of {}", printable(path.string())));
  return pools;
}

void check_unchanged(const Pools& pools) {
  const auto& known = pools.fingerprint;
  if (known.is_null()) return;
  for (const auto& [name, pool] : named(pools)) {
    const auto before = known.is_object() ? known.value(name, Json()) : Json();
    const auto now = fingerprint(name, *pool);
    if (before == now) continue;
    const bool pixels = !before.is_object() || before.value("pixels", Json()) != now.at("pixels");
    fail(
        "the {} of the {} faces have changed since the run began with them; give back the data set that it had, or set "
        "data.changed = \"accepted\" in its config.toml",
        pixels ? "pictures" : "labels", name);
  }
}

}  // namespace leaf
