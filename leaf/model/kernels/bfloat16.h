#pragma once

#include <bit>
#include <cstdint>

namespace leaf {

/// Numbers that take half the memory of a float: its upper 16 bits, rounded to the nearest even. Always inline, since GCC does
/// not inline into a loop for another processor (Vectorized) otherwise.
struct Bfloat16 {
  uint16_t bits;

  Bfloat16() = default;
  [[gnu::always_inline]] explicit Bfloat16(float value) {
    const auto whole = std::bit_cast<uint32_t>(value);
    bits = static_cast<uint16_t>((whole + 0x7fff + ((whole >> 16) & 1)) >> 16);
  }
  [[gnu::always_inline]] explicit operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

}  // namespace leaf
