#include "leaf/ssl/memory.h"

#include <algorithm>

#include "leaf/ssl/alignment.h"

namespace leaf {

RingImpl::RingImpl(int64_t size, int64_t width)
    : rows_(register_buffer("rows", torch::zeros({size, width}))),
      pushed_(register_buffer("pushed", torch::zeros({}, torch::kInt64))) {}

void RingImpl::push(const torch::Tensor& rows) {
  const torch::NoGradGuard no_gradient;
  const int64_t size = rows_.size(0), before = pushed_.item<int64_t>(), count = rows.size(0),
                skipped = std::max<int64_t>(0, count - size);
  const auto places = torch::arange(before + skipped, before + count, pushed_.options()).remainder(size);
  rows_.index_copy_(0, places, rows.detach().slice(0, skipped).to(rows_.dtype()));
  pushed_.add_(count);
}

bool RingImpl::full() const { return pushed_.item<int64_t>() >= rows_.size(0); }

torch::Tensor RingImpl::rows() const { return rows_.slice(0, 0, std::min(pushed_.item<int64_t>(), rows_.size(0))).clone(); }

RecentAlignmentImpl::RecentAlignmentImpl(int64_t classes, int64_t batches)
    : means_(register_module("means", Ring(batches, classes))) {}

torch::Tensor RecentAlignmentImpl::forward(const torch::Tensor& probabilities) {
  means_->push(probabilities.mean(0, /*keepdim=*/true));
  const auto mean = means_->rows().mean(0);
  return align(probabilities.detach(), torch::ones_like(mean), mean);
}

}  // namespace leaf
