#include "leaf/pools/pools.h"

#include <fmt/format.h>

#include <algorithm>

#include "leaf/base/text.h"

namespace leaf {

LabelsSpent labels_spent(const Pools& pools, const DataOptions& options) {
  return {.learned = pools.labeled.size(),
          .choosing = pools.validation.size(),
          .test = pools.test.size(),
          .outside = pools.validation_outside && pools.validation.size() > 0,
          .tuning = options.test_half == "tune"};
}

std::string to_text(const LabelsSpent& spent) {
  const auto some = [](int64_t count) { return count == 0 ? "none" : grouped(count); };
  if (spent.learned == 0) return "no label is learned from";
  return fmt::format("{} label{} to learn, {} to choose the best epoch{}, {} more to {}", grouped(spent.learned),
                     spent.learned == 1 ? "" : "s", some(spent.choosing), spent.outside ? " (outside of the budget)" : "",
                     some(spent.test), spent.tuning ? "tune on" : "test");
}

Pool joined(const Pool& first, const Pool& second) {
  if (first.size() == 0) return second;
  auto pool = first;
  int64_t shift = 0;
  if (second.size() > 0 && second.dataset != first.dataset) {
    pool.dataset = joined(first.dataset, second.dataset, "");
    shift = first.dataset->size();
  }
  for (const int64_t row : second.rows) pool.rows.push_back(row + shift);
  return pool;
}

std::shared_ptr<const Dataset> joined(const std::shared_ptr<const Dataset>& own, const std::shared_ptr<const Dataset>& other,
                                      const std::string& prefix) {
  if (!other) return own;
  auto result = std::make_shared<Dataset>(*own);
  result->faces = store_joined(own->faces, own->size(), other->faces, other->size());
  for (auto record : other->records) {
    record.path = prefix + record.path;
    record.label = kUnlabeled;  // its classes are other ones
    record.target.clear();
    result->records.push_back(std::move(record));
  }
  result->left_out.insert(result->left_out.end(), other->left_out.begin(), other->left_out.end());
  return result;
}

std::shared_ptr<const Dataset> with_classes(const std::shared_ptr<const Dataset>& dataset,
                                            const std::vector<std::string>& classes, int64_t& left_out) {
  static_assert(kUnlabeled == -1);
  const auto index = places_of(dataset->classes, classes);
  auto result = std::make_shared<Dataset>(*dataset);
  result->classes = classes;
  left_out = 0;
  for (auto& record : result->records) {
    record.label = record.label < 0 ? kUnlabeled : index[record.label];
    if (dataset->classes != classes) record.target.clear();
    if (record.label < 0) ++left_out;
  }
  return result;
}

}  // namespace leaf
