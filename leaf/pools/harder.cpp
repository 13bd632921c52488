#include "leaf/pools/harder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "leaf/base/error.h"
#include "leaf/base/rng.h"
#include "leaf/base/text.h"
#include "leaf/pools/split.h"

namespace leaf {
namespace {

using Rows = std::vector<int64_t>;

/// Of Rng(split_seed), beside those of the division.
enum Stream : uint64_t { kTail = 101, kShare, kForeign, kWrong };

Rng stream_of(const DataOptions& options, Stream stream) { return Rng(static_cast<uint64_t>(options.split_seed)).split(stream); }

int64_t part_of(int64_t n, double share) { return std::llround(share * static_cast<double>(n)); }

/// `count` ≤ n of the positions 0 to n − 1 at random, ascending.
Rows choose(int64_t n, int64_t count, Rng rng) {
  Rows positions(n);
  std::iota(positions.begin(), positions.end(), 0);
  rng.shuffle(positions);
  positions.resize(count);
  std::sort(positions.begin(), positions.end());
  return positions;
}

Rows pick(const Rows& rows, const Rows& positions) {
  Rows result;
  for (const int64_t position : positions) result.push_back(rows[position]);
  return result;
}

/// Labels of a pool's faces as indices into `classes`; kUnlabeled for a class that is none of them.
std::vector<int64_t> labels_in(const Pool& pool, const std::vector<std::string>& classes) {
  int64_t left_out = 0;
  const auto dataset = pool.dataset->classes == classes ? pool.dataset : with_classes(pool.dataset, classes, left_out);
  std::vector<int64_t> labels;
  for (const int64_t row : pool.rows) labels.push_back(dataset->records[row].label);
  return labels;
}

/// The share that each class keeps, [C].
std::vector<double> tail_shares(const std::vector<int64_t>& counts, double tail) {
  Rows order(counts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return counts[a] > counts[b]; });
  std::vector<double> shares(counts.size(), 1);
  for (size_t i = 1; i < order.size(); ++i) {
    shares[order[i]] = std::pow(tail, -static_cast<double>(i) / static_cast<double>(order.size() - 1));
  }
  return shares;
}

/// The rows that are left when each class keeps its share.
Rows thinned(const Rows& rows, const std::vector<int64_t>& labels, const std::vector<double>& shares, const Rng& rng) {
  Rows kept;
  for (int64_t c = kUnlabeled; c < static_cast<int64_t>(shares.size()); ++c) {
    Rows positions;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (labels[i] == c) positions.push_back(static_cast<int64_t>(i));
    }
    const auto n = static_cast<int64_t>(positions.size());
    const int64_t count = c == kUnlabeled ? n : std::min(n, std::max<int64_t>(1, part_of(n, shares[c])));
    const auto own = pick(positions, choose(n, count, rng.split(c + 1)));
    kept.insert(kept.end(), own.begin(), own.end());
  }
  std::sort(kept.begin(), kept.end());
  return pick(rows, kept);
}

void make_tail(Pools& pools, const DataOptions& options) {
  const auto& classes = pools.labeled.dataset->classes;
  const auto labeled = labels_in(pools.labeled, classes), unlabeled = labels_in(pools.unlabeled, classes);
  auto all = labeled;
  all.insert(all.end(), unlabeled.begin(), unlabeled.end());
  const auto shares = tail_shares(count_labels(all, static_cast<int64_t>(classes.size())), options.tail);
  const auto rng = stream_of(options, kTail);
  const int64_t before[] = {pools.labeled.size(), pools.unlabeled.size()};
  pools.labeled.rows = thinned(pools.labeled.rows, labeled, shares, rng.split(0));
  pools.unlabeled.rows = thinned(pools.unlabeled.rows, unlabeled, shares, rng.split(1));
  pools.remarks.push_back(fmt::format("a long tail of {:g} to 1: {} of {} labeled and {} of {} unlabeled faces stay",
                                      options.tail, grouped(pools.labeled.size()), grouped(before[0]),
                                      grouped(pools.unlabeled.size()), grouped(before[1])));
}

void keep_share(Pools& pools, const DataOptions& options) {
  const int64_t all = pools.unlabeled.size();
  pools.unlabeled.rows =
      pick(pools.unlabeled.rows, choose(all, part_of(all, options.unlabeled_share), stream_of(options, kShare)));
  pools.remarks.push_back(fmt::format("{} of {} unlabeled faces stay", grouped(pools.unlabeled.size()), grouped(all)));
}

void mix_foreign(Pools& pools, const std::shared_ptr<const Dataset>& foreign, const DataOptions& options) {
  auto& pool = pools.unlabeled;
  const int64_t all = pool.size(), count = part_of(all, options.foreign_share);
  if (count > foreign->size()) {
    fail(
        "data.foreign_share = {:g} of {} unlabeled faces takes {} foreign faces, but {} has {}; name a larger data.foreign, or "
        "lower data.foreign_share or data.unlabeled_share",
        options.foreign_share, all, count, options.foreign, foreign->size());
  }
  const auto own = pool.dataset;
  const auto rng = stream_of(options, kForeign);
  pool.rows = pick(pool.rows, choose(all, all - count, rng.split(0)));
  for (const int64_t row : choose(foreign->size(), count, rng.split(1))) pool.rows.push_back(own->size() + row);
  pool.dataset = with_foreign(own, foreign);
  if (pools.labeled.dataset == own) pools.labeled.dataset = pool.dataset;
  pools.remarks.push_back(fmt::format("{} of {} unlabeled faces are replaced by faces of {}", grouped(count), grouped(all),
                                      printable(options.foreign)));
}

/// Changes the labels of a share of the rows; how many that were.
int64_t mislabel_rows(Dataset& dataset, const Rows& rows, double share, const Rng& rng) {
  Rows known;
  for (const int64_t row : rows) {
    if (dataset.records[row].label >= 0) known.push_back(row);
  }
  const auto n = static_cast<int64_t>(known.size()), classes = static_cast<int64_t>(dataset.classes.size());
  const auto wrong = pick(known, choose(n, part_of(n, share), rng.split(0)));
  Rng other = rng.split(1);
  for (const int64_t row : wrong) {
    auto& record = dataset.records[row];
    const int64_t right = record.label, drawn = other.below(classes - 1);
    record.label = drawn < right ? drawn : drawn + 1;
    if (!record.target.empty()) std::swap(record.target[right], record.target[record.label]);
  }
  return static_cast<int64_t>(wrong.size());
}

}  // namespace

void make_harder(Pools& pools, const Datasets& datasets, const DataOptions& options) {
  if (options.foreign.empty() && options.foreign_share != DataOptions{}.foreign_share)
    fail_usage("data.foreign_share is {}, but there is no data.foreign to take faces from", options.foreign_share);
  if (options.tail > 1) make_tail(pools, options);
  if (options.unlabeled_share < 1) keep_share(pools, options);
  if (datasets.foreign) mix_foreign(pools, datasets.foreign, options);
}

void mislabel(Pools& pools, const DataOptions& options) {
  if (options.wrong_labels == 0) return;
  const auto right = pools.labeled.dataset;
  if (right->classes.size() < 2) fail("data.wrong_labels needs at least two classes, but {} has one; leave it at 0", right->name);
  const auto rng = stream_of(options, kWrong);
  const auto wrong = std::make_shared<Dataset>(*right);
  const int64_t count = mislabel_rows(*wrong, pools.labeled.rows, options.wrong_labels, rng.split(0));
  pools.labeled.dataset = wrong;
  if (pools.unlabeled.dataset == right) {
    mislabel_rows(*wrong, pools.unlabeled.rows, options.wrong_labels, rng.split(1));
    pools.unlabeled.dataset = wrong;
  }
  pools.remarks.push_back(
      fmt::format("{} of {} labeled faces have a wrong label", grouped(count), grouped(pools.labeled.size())));
}

std::shared_ptr<const Dataset> with_foreign(const std::shared_ptr<const Dataset>& own,
                                            const std::shared_ptr<const Dataset>& foreign) {
  return joined(own, foreign, foreign ? fmt::format("foreign:{}/", foreign->name) : "");
}

}  // namespace leaf
