#include "leaf/runs/beginning.h"

#include <fmt/ranges.h>

#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/data/csv.h"
#include "leaf/pools/split_file.h"
#include "leaf/runs/knowledge.h"

namespace leaf {
namespace {

/// Keeps and tells what the encoder begins with.
void keep_weights(const std::optional<InitialWeights>& weights, const RunFolder& folder, Observer& observer) {
  if (!weights) return;
  write_file(folder.weights(), json_text(to_json(*weights)));
  observer.on_note(summary(*weights));
}

void write_broken(const RunFolder& folder, const Pools& pools) {
  std::set<std::string> lines;  // pools share data sets, and copies of them
  for (const auto* pool : {&pools.labeled, &pools.unlabeled, &pools.validation, &pools.test}) {
    if (!pool->dataset) continue;
    for (const auto& each : pool->dataset->left_out)
      lines.insert(fmt::format("{},{}\n", csv_field(each.name), csv_field(each.reason)));
  }
  if (!lines.empty()) write_file(folder.broken(), fmt::format("face,reason\n{}", fmt::join(lines, "")));
}

}  // namespace

void keep_beginning(const Beginning& begun, const RunFolder& folder, Observer& observer) {
  keep_weights(begun.weights, folder, observer);
  keep_knowledge(begun.known, folder);
  save_split(folder.split(), begun.divided, begun.data);
  write_broken(folder, begun.divided);
}

Origin origin_of(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.weights())) return {};
  const auto weights = parse_json(read_file(folder.weights(), 1 << 24));
  if (!weights.is_object() || !weights.value("views_seen", Json()).is_number_integer())
    fail("{} is damaged: it has no \"views_seen\"", folder.weights().string());
  Origin origin{weights.at("views_seen").get<int64_t>(), std::nullopt};
  const auto start = weights.value("test", Json());
  if (start.is_object() && start.value("accuracy", Json()).is_number()) origin.test_accuracy = start.at("accuracy").get<double>();
  return origin;
}

}  // namespace leaf
