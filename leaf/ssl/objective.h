#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

namespace leaf {

/// One named part of a loss: a scalar with its weight.
struct Term {
  std::string name;
  torch::Tensor value;  ///< scalar
  double weight = 1;
};

/// A loss as a weighted sum of named terms, so that an algorithm ends with the equation of its paper. It may carry figures
/// that are only watched, such as the share of confident faces.
class Objective {
 public:
  Objective(std::initializer_list<Term> terms) : terms_(terms) {}
  explicit Objective(std::vector<Term> terms) : terms_(std::move(terms)) {}

  /// Σ weight · value, a scalar.
  torch::Tensor total() const;
  const std::vector<Term>& terms() const { return terms_; }

  void add(Term term) { terms_.push_back(std::move(term)); }

  /// A figure to be watched, the mean of `value` (of a mask: a share); it has no part in the loss.
  Objective& watch(std::string name, const torch::Tensor& value);
  const std::vector<std::pair<std::string, torch::Tensor>>& watched() const { return watched_; }

 private:
  std::vector<Term> terms_;
  std::vector<std::pair<std::string, torch::Tensor>> watched_;
};

}  // namespace leaf
