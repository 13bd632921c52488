#include "leaf/base/processor.h"

#include <algorithm>
#include <array>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

/// In the order of Instructions.
constexpr std::array<std::string_view, 5> kNames = {"baseline", "avx2", "avx512", "avx512_bf16", "amx_bf16"};

}  // namespace

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
Instructions processor_instructions() {
  __builtin_cpu_init();  // asked before other libraries have done so
  if (!__builtin_cpu_supports("x86-64-v3")) return Instructions::kBaseline;
  if (!__builtin_cpu_supports("x86-64-v4")) return Instructions::kAvx2;
  if (!__builtin_cpu_supports("avx512bf16")) return Instructions::kAvx512;
  return __builtin_cpu_supports("amx-bf16") ? Instructions::kAmxBfloat16 : Instructions::kAvx512Bfloat16;
}
#else
Instructions processor_instructions() { return Instructions::kBaseline; }
#endif

std::atomic<Instructions> detail::usable = processor_instructions();

void limit_instructions(Instructions level) { detail::usable = std::min(level, processor_instructions()); }

std::string_view name_of(Instructions level) { return kNames[static_cast<size_t>(level)]; }

Instructions parse_instructions(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return static_cast<Instructions>(found - kNames.begin());
  const std::vector<std::string> known(kNames.begin(), kNames.end());
  fail_usage("unknown instruction level \"{}\"{}; known: {}", printable(name), did_you_mean(name, known), join(known));
}

std::vector<std::pair<std::string, std::string>> limiting_variables() {
  const auto level = usable_instructions();
  if (level == processor_instructions()) return {};
  const std::string onednn = "ONEDNN_MAX_CPU_ISA", libtorch = "ATEN_CPU_CAPABILITY", openblas = "OPENBLAS_CORETYPE";
  switch (level) {
    case Instructions::kBaseline:
      return {{onednn, "SSE41"}, {libtorch, "default"}, {openblas, "Prescott"}};  // the least that they know
    case Instructions::kAvx2:
      return {{onednn, "AVX2"}, {libtorch, "avx2"}, {openblas, "Haswell"}};
    // OpenBLAS has nothing for float32 that is above this level; what it takes by itself, or by the user's choice, stands.
    case Instructions::kAvx512:
      return {{onednn, "AVX512_CORE"}, {libtorch, "avx512"}};
    default:
      return {{onednn, "AVX512_CORE_BF16"}};
  }
}

}  // namespace leaf
