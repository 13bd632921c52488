#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace leaf {

/// Named tensors out of a file of weights of any kind, and everything that was taken off or passed over on the way to them.
struct Checkpoint {
  std::string kind;                              ///< "PyTorch checkpoint (zip form)", "TensorFlow.js weights", "LEAF model", …
  std::map<std::string, torch::Tensor> tensors;  ///< on the processor; those of one storage share memory
  std::vector<std::string> wrappers;             ///< keys that led to the tensors, outermost first: {"state_dict"}
  std::string prefix;                            ///< what stood before every name and was removed: "module." or nothing

  /// What is beside the tensors: a name with its path, and a few words ("integer 21", "dict of 3 entries").
  std::vector<std::pair<std::string, std::string>> others;
  std::map<std::string, std::string> metadata;  ///< of safetensors
};

/// Reads a checkpoint of PyTorch (zip form or the one before 1.6), a safetensors file, or weights of TensorFlow.js by their
/// manifest. Nothing in it is run, no length in it is believed, and no name in it is used as a name of a file but a manifest's
/// shards, which must lie in its folder. A dict that holds the tensors under a usual name (state_dict, model, …) and `module.`
/// before every name are taken off. Throws Error naming the file: damage, code that would have to be run, no tensors, several
/// dicts of tensors of which none has a usual name.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// The same for the bytes of a PyTorch checkpoint. Throws Error without naming a file.
Checkpoint parse_checkpoint(std::span<const uint8_t> bytes);

}  // namespace leaf
