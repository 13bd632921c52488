#pragma once

// Before a function whose inner loop matters: GCC compiles it for several kinds of processor and picks by the processor when the
// program is loaded. Two of them know fused multiply-add, which rounds once where the two operations round twice: leaf_core is
// compiled without it (its pictures equal Pillow's), the kernels with it. Sanitizers cannot run the picking, other compilers and
// processors do not know it: there it is empty. LEAF_BFLOAT16_PAIRS is for a function that names instructions of AVX-512 BF16
// itself and is called only where the processor has them. These are the only macros of LEAF, because an attribute cannot be named
// otherwise.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define LEAF_VECTORIZE [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define LEAF_VECTORIZE
#endif
#define LEAF_BFLOAT16_PAIRS [[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")]]
