#pragma once

/// Like LEAF_VECTORIZE (leaf/base/vectorize.h) for kernels whose rounding is free: fused multiply-add and vectors of 512 bits, where
/// the processor has them.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define LEAF_VECTORIZE_WIDE [[gnu::target_clones("arch=skylake-avx512", "arch=haswell", "default")]]
#else
#define LEAF_VECTORIZE_WIDE
#endif
