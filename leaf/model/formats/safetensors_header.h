#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace leaf {

constexpr uint64_t kMaxHeader = 100'000'000;  ///< bytes

/// A type of numbers by its safetensors name.
struct NumberType {
  const char* name;
  uint64_t size;  ///< bytes
  torch::ScalarType type;
};

/// The types that both the format and libtorch know. The first throws Error for a name, the second for a type without one.
const NumberType& number_type(std::string_view name);
const NumberType& number_type(torch::ScalarType type);

/// Where one tensor lies: bytes [begin, end) of the buffer behind the header.
struct TensorPlace {
  std::string name;
  std::string type;
  std::vector<uint64_t> shape;
  uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
  std::vector<TensorPlace> places;
  std::map<std::string, std::string> metadata;
};

/// The header's JSON with every rule of its structure: nothing unknown, doubled, missing or of another type. Memory grows with
/// the text, not with its nesting. Throws Error without naming a file.
SafetensorsHeader parse_safetensors_header(std::string_view text);

}  // namespace leaf
