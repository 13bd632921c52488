#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace leaf {

/// Whether a file begins like a manifest of TensorFlow.js: a list in JSON.
bool is_tensorflow_js(std::span<const uint8_t> bytes);

/// Reads weights of TensorFlow.js (layout: docs/formats.md): the manifest with its bytes, and the shards that it names, which lie
/// in its folder. Names, shapes and the order of numbers are the file's; quantized numbers become float32 or int32. Nothing in
/// the files is believed: the manifest's size and JSON, every type, shape, range and path, and that the tensors fill the shards
/// are checked before memory is taken. Throws Error: what is wrong, without naming the manifest.
std::map<std::string, torch::Tensor> read_tensorflow_js(const std::filesystem::path& manifest, std::span<const uint8_t> bytes);

}  // namespace leaf
