#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "leaf/model/formats/pickle.h"

namespace leaf {

/// The two forms that torch.save has: a zip file (since 1.6), or pickles and storages one behind the other.
enum class TorchForm { zip, legacy };

/// A file of torch.save in memory: what its pickle describes, and the numbers that the description's tensors look at.
class TorchFile {
 public:
  /// Checks everything that can be checked without reading numbers: every storage is there and has its size, every tensor lies
  /// inside its storage. Throws Error without naming a file. The bytes must outlive the object.
  TorchFile(std::span<const uint8_t> bytes, TorchForm form);

  const Pickle& pickle() const { return pickle_; }
  /// A tensor on the processor, wherever it was saved from. Tensors of one storage share memory. Throws Error when its numbers
  /// are damaged.
  torch::Tensor tensor(const PickledTensor& tensor);

 private:
  void check_storages() const;

  Pickle pickle_;
  std::map<std::string_view, std::span<const uint8_t>> bytes_;  ///< by the storage's key
  std::map<std::string_view, torch::Tensor> loaded_;
};

/// Whether the bytes begin like the legacy form.
bool is_legacy_form(std::span<const uint8_t> bytes);

}  // namespace leaf
