#pragma once

#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace leaf {

/// Named tensors with remarks, as a safetensors file holds them.
struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;  ///< the header's `__metadata__`, without the checksum
  bool checked = false;                         ///< read with a checksum, which was right
};

/// Reads a safetensors file (layout: docs/formats.md) into tensors of its own, on the processor. Nothing in the file is
/// believed: the header's size (at most 100 MB), its JSON, every type, shape and offset are checked before memory is taken; the
/// tensors must cover the file without hole or overlap. Throws Error that names the file and what is wrong with it, Damage when
/// it has a checksum of LEAF that is wrong.
TensorFile read_safetensors(const std::filesystem::path& path);

/// Writes the file whole or not at all. Tensors of any device and order are written row-major, those with wide numbers first,
/// then by name; each is stored for itself, even if two share memory. With `checksum` the
/// metadata gets a CRC-32 of all the rest. Throws Error: a
/// type the format lacks, a name that is no UTF-8, a full disk.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file, bool checksum = false);

}  // namespace leaf
