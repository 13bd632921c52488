#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leaf {

enum class PickleKind {
  none,
  boolean,
  integer,
  long_integer,
  real,
  text,
  bytes,
  tuple,
  list,
  dict,
  global,
  object,
  storage,
  tensor
};

/// One value of a pickle. Parts are positions in `Pickle::values`, so that a value may have many owners, or even hold itself,
/// and nothing about it is recursive.
struct PickleValue {
  PickleKind kind = PickleKind::none;
  int64_t integer = 0;  ///< boolean, integer; of a storage or tensor its position in `Pickle::storages` or `tensors`
  double real = 0;
  std::string_view text;  ///< text; bytes (Latin-1 in UTF-8); a long integer's bytes; the name of a global or an object's class
  std::vector<uint32_t> items;  ///< of a tuple or list; of a dict key, value, key, value, …, as the file has them
};

/// What a file says of a storage: raw numbers that lie elsewhere in it.
struct PickledStorage {
  std::string_view type;  ///< "FloatStorage"
  std::string_view key, location;
  int64_t numel = 0;  ///< numbers, at least 0
};

/// What a file says of a tensor. At most 64 dimensions, as many sizes as strides; nothing else about it has been checked.
struct PickledTensor {
  size_t storage = 0;  ///< position in Pickle::storages
  int64_t offset = 0;  ///< numbers
  std::vector<int64_t> size, stride;
};

/// One pickle, read. Its texts lie in the bytes that were read, which must outlive it.
struct Pickle {
  std::vector<PickleValue> values;
  std::vector<PickledStorage> storages;
  std::vector<PickledTensor> tensors;
  uint32_t root = 0;
  size_t length = 0;  ///< bytes up to the end of the pickle; others may follow

  const PickleValue& at(uint32_t position) const { return values[position]; }
  const PickleValue& top() const { return values[root]; }
  /// The value of a dict's key of that text, or null. The last one counts, as in Python.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;
  /// A few words without line break about a value: `integer 21`, `dict of 3 entries`. Does not look into it.
  std::string describe(const PickleValue& value) const;
};

/// The text for a message: no control characters, at most 100 bytes.
std::string shortened(std::string_view text);

}  // namespace leaf
