#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leaf {

/// Levels of instructions that LEAF has code for. Each holds those before it.
enum class Instructions {
  kBaseline,        ///< every x86-64, and what is asked on other processors
  kAvx2,            ///< x86-64-v3: AVX2 and fused multiply-add
  kAvx512,          ///< x86-64-v4: AVX-512 F, BW, VL, DQ and CD
  kAvx512Bfloat16,  ///< products of pairs of bfloat16
  kAmxBfloat16,     ///< products of tiles of bfloat16
};

/// The processor's own level.
Instructions processor_instructions();

namespace detail {
extern std::atomic<Instructions> usable;
}

/// The level to compute with: the processor's own, or a lower one that the program has set. Every call of a loop asks for it.
inline Instructions usable_instructions() { return detail::usable.load(std::memory_order_relaxed); }

/// From here on nothing above the level is used, as on an older processor. A level that the processor does not have changes
/// nothing. A program calls it before anything else, since what was prepared for a level stays as it is.
void limit_instructions(Instructions level);

/// baseline, avx2, avx512, avx512_bf16 or amx_bf16.
std::string_view name_of(Instructions level);

/// The level of that name; throws UsageError.
Instructions parse_instructions(std::string_view name);

/// Environment variables, and their values, by which oneDNN, libtorch and OpenBLAS keep to the usable level; none where that is
/// the processor's own. The libraries read them when they are loaded or first used.
std::vector<std::pair<std::string, std::string>> limiting_variables();

}  // namespace leaf
