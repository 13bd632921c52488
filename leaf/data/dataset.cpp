#include "leaf/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "leaf/base/text.h"

namespace leaf {

std::vector<std::string> remarks_on(const Dataset& dataset) {
  constexpr size_t kShown = 3;
  std::map<std::string, std::vector<std::string>> names;  // by what several reasons share
  for (const auto& each : dataset.left_out) {
    const auto colon = each.reason.find(": ");
    const bool own = colon != std::string::npos;
    names[each.reason.substr(0, colon)].push_back(
        printable(own ? fmt::format("{} ({})", each.name, each.reason.substr(colon + 2)) : each.name));
  }
  std::vector<std::string> remarks;
  for (const auto& remark : dataset.remarks) remarks.push_back(fmt::format("{}: {}", dataset.name, remark));
  for (auto& [reason, all] : names) {
    const auto count = all.size();
    all.resize(std::min(count, kShown));
    remarks.push_back(fmt::format("{}: {} left out, {}: {}{}", dataset.name, grouped(static_cast<int64_t>(count)), reason,
                                  join(all), count > kShown ? " …" : ""));
  }
  return remarks;
}

Pool sample_of(const Pool& pool, int64_t most) {
  if (pool.size() <= most) return pool;
  Pool sample{pool.dataset, {}};
  for (int64_t i = 0; i < most; ++i) sample.rows.push_back(pool.rows[i * pool.size() / most]);
  return sample;
}

uint64_t hash_pixels(const Image& face, uint64_t seed) {
  return hash_bytes({reinterpret_cast<const char*>(face.pixels.data()), face.pixels.size()}, seed);
}

std::vector<int64_t> labels_of(const Pool& pool) {
  std::vector<int64_t> labels;
  for (const auto row : pool.rows) labels.push_back(pool.dataset->records[row].label);
  return labels;
}

std::vector<double> class_shares(const Pool& pool) {
  std::vector<double> shares(pool.dataset->classes.size());
  double known = 0;
  for (const auto label : labels_of(pool)) {
    if (label < 0) continue;
    ++shares[label];
    ++known;
  }
  for (auto& share : shares) share /= std::max(known, 1.0);
  return shares;
}

}  // namespace leaf
