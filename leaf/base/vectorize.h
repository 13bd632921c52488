#pragma once

/// Before a function whose inner loop matters: GCC also compiles it for AVX2 and picks by the processor when the program is
/// loaded. The one macro of LEAF, because an attribute cannot be named otherwise. "avx2" leaves fused multiply-add out, which
/// would round differently. Sanitizers cannot run the picking, other compilers and processors do not know it: there it is empty.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define LEAF_VECTORIZE [[gnu::target_clones("avx2", "default")]]
#else
#define LEAF_VECTORIZE
#endif
