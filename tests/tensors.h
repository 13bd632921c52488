#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

/// Passes when the shapes are equal and every number differs by at most `tolerance`, absolutely or relative to the expected one.
inline testing::AssertionResult near(const torch::Tensor& actual, const torch::Tensor& expected, double tolerance = 1e-5) {
  if (!actual.defined()) return testing::AssertionFailure() << "the tensor is undefined";
  if (actual.sizes() != expected.sizes()) {
    return testing::AssertionFailure() << "the shape is " << actual.sizes() << " instead of " << expected.sizes();
  }
  const auto difference = (actual - expected).abs().to(torch::kDouble);
  const auto allowed = tolerance * expected.abs().to(torch::kDouble).clamp_min(1);
  const auto bad = ~(difference <= allowed);  // true for NaN
  if (!bad.any().item<bool>()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << bad.sum().item<int64_t>() << " of " << bad.numel() << " numbers differ, at most by "
                                     << difference.max().item<double>();
}
