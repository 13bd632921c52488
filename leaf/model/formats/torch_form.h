#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "leaf/model/formats/pickle.h"

namespace leaf {

/// The parts of a file of torch.save.
struct TorchParts {
  Pickle pickle;
  std::map<std::string_view, std::span<const uint8_t>> storages;  ///< raw numbers by key
};

/// Either form's parts. Both throw Error without naming a file: damage, another byte order, a version that is not known.
TorchParts open_zip_form(std::span<const uint8_t> bytes);
TorchParts open_legacy_form(std::span<const uint8_t> bytes);

/// The type of a storage's numbers: FloatStorage, … Throws Error for one that is not known.
torch::ScalarType storage_type(std::string_view name);

/// The bytes of so many numbers of a type; throws Error when no memory could hold them.
uint64_t storage_bytes(const PickledStorage& storage);

}  // namespace leaf
