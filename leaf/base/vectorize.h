#pragma once

#include <type_traits>

#include "leaf/base/processor.h"

namespace leaf {

/// A loop that matters, compiled for several levels of instructions; each call takes the best usable one. It is written as a
/// lambda that captures nothing and is always inlined:
///
///     constexpr Vectorized scale = [](float* __restrict x, int64_t n, float by) __attribute__((always_inline)) { … };
///     scale(x, n, by);
///
/// Arguments are passed by value. What the lambda calls has to be inlined too: a function on its own is compiled for every
/// processor. Levels from AVX2 on know fused multiply-add, which rounds once where the two operations round twice: leaf_core is
/// compiled without it (its pictures equal Pillow's), the kernels with it.
template <typename Loop>
class Vectorized {
 public:
  constexpr Vectorized(Loop /*loop*/) { static_assert(std::is_empty_v<Loop>, "a loop captures nothing"); }

  template <typename... Args>
  auto operator()(Args... args) const {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    const auto level = usable_instructions();
    if (level >= Instructions::kAvx512) return with_avx512(args...);
    if (level >= Instructions::kAvx2) return with_avx2(args...);
#endif
    return plain(args...);
  }

 private:
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  template <typename... Args>
  [[gnu::target("arch=x86-64-v4")]] static auto with_avx512(Args... args) {
    return Loop()(args...);
  }

  template <typename... Args>
  [[gnu::target("arch=x86-64-v3")]] static auto with_avx2(Args... args) {
    return Loop()(args...);
  }
#endif

  template <typename... Args>
  [[gnu::noinline]] static auto plain(Args... args) {
    return Loop()(args...);
  }
};

}  // namespace leaf

// Before a function that names instructions of AVX-512 BF16 itself and is called only where they are usable. The only macro of
// LEAF, because an attribute cannot be named otherwise.
#define LEAF_BFLOAT16_PAIRS [[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]]
