#pragma once

#include <torch/nn/module.h>

#include <map>
#include <string>
#include <vector>

namespace leaf {

using Tensors = std::map<std::string, torch::Tensor>;

/// What became of the tensors that were loaded into a module. Nothing is passed over in silence.
struct WeightsReport {
  std::vector<std::string> used;         ///< names that were copied
  std::vector<std::string> missing;      ///< names of the module without a tensor: they keep their values
  std::vector<std::string> left_over;    ///< names of tensors that the module lacks
  std::vector<std::string> wrong_shape;  ///< names that did not fit, each with both shapes; they keep their values

  bool complete() const { return missing.empty() && left_over.empty() && wrong_shape.empty(); }
  /// One line: counts, and the first names of each kind of trouble.
  std::string summary() const;
};

/// The module's parameters and buffers by name; they share its memory and have no gradient.
Tensors collect(const torch::nn::Module& module);

/// Copies tensors into the parameters and buffers of the same name, converting between floating-point types, and says what
/// fitted. Integers where the module has fractions, or the reverse, count as a wrong shape.
WeightsReport load_weights(torch::nn::Module& module, const Tensors& tensors);

/// Copies every parameter and buffer of one module into another of the same structure (else an assertion fails).
void copy_state(const torch::nn::Module& from, torch::nn::Module& to);

}  // namespace leaf
