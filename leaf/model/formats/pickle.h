#pragma once

#include <cstdint>
#include <span>

#include "leaf/model/formats/pickle_value.h"

namespace leaf {

/// Reads the pickle at the start of the bytes. It is no interpreter of Python's pickles: it knows the opcodes that torch.save
/// writes (protocol 2) and the names of PyTorch's `weights_only` list (collections.OrderedDict, torch's storages, types, Size,
/// device, Parameter, the functions that rebuild tensors, _codecs.encode), which it describes and never runs. Attributes that a
/// file sets on tensors and dicts are not read. Memory and time are proportional to the bytes, whatever lengths, references or
/// nesting they claim. Throws Error without naming a file: any other name (which it tells), any other opcode, damage.
Pickle read_pickle(std::span<const uint8_t> bytes);

}  // namespace leaf
