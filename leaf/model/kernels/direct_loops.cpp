#include "leaf/model/kernels/direct_loops.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#include <array>
#include <cstring>
#include <utility>

#include "leaf/base/processor.h"
#include "leaf/base/vectorize.h"

namespace leaf::direct {
namespace {

constexpr int64_t kLanes = 16;  ///< float32 numbers of a register
constexpr int64_t kRegisters = kChannels / kLanes;
static_assert(kIn == kChannels);

template <int64_t kCount>
using Sums = __m512[kCount][kRegisters];

/// sums[m] += x[m] · weights for one pair of numbers at kCount pixels, `step` numbers apart.
template <int64_t kCount>
LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline void add_pair(const uint16_t* x, int64_t step, const uint32_t* weights,
                                                                Sums<kCount>& sums) {
  const auto low = (__m512bh)_mm512_loadu_si512(weights), high = (__m512bh)_mm512_loadu_si512(weights + kLanes);
#pragma GCC unroll 8
  for (int64_t m = 0; m < kCount; ++m) {
    int32_t pair;
    std::memcpy(&pair, x + m * step, sizeof pair);
    const auto both = (__m512bh)_mm512_set1_epi32(pair);
    sums[m][0] = _mm512_dpbf16_ps(sums[m][0], both, low);
    sums[m][1] = _mm512_dpbf16_ps(sums[m][1], both, high);
  }
}

/// Neighbors along a row of the kernel lie side by side, so each row is a loop.
template <int64_t kCount>
LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline void add_places(const Convolution& how, int64_t row, int64_t column,
                                                                  const uint16_t* x, const uint32_t* weights,
                                                                  Sums<kCount>& sums) {
  for (const auto& r : how.rows[row]) {
    for (int64_t i = 0; i < r.count; ++i) {
      for (const auto& c : how.columns[column]) {
        const auto* const from = x + (r.source + i) * how.source.row + c.source * how.pixel;
        const auto* own = weights + ((r.place + i) * how.kernel_columns + c.place) * kChannels * how.in / 2;
        for (int64_t pair = 0; pair < c.count * how.in / 2; ++pair, own += kChannels)
          add_pair<kCount>(from + 2 * pair, how.source.image, own, sums);
      }
    }
  }
}

/// Where the pairs under a flat kernel lie, from its first number in the uppermost row on: the rows are too short for loops of
/// their own.
struct Offsets {
  int64_t first_place = 0, count = 0;
  std::array<int32_t, kMostOffsets> pairs;

  Offsets(const Convolution& how, int64_t row) {
    if (!how.flat || how.rows[row].empty()) return;
    const auto& r = how.rows[row].front();  // the rows that are met are neighbors
    first_place = r.place;
    for (int64_t i = 0; i < r.count; ++i) {
      for (int64_t pair = 0; pair < how.in / 2; ++pair)
        pairs[count++] = static_cast<int32_t>((r.source + i) * how.source.row + 2 * pair);
    }
  }
};

template <int64_t kCount>
LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline void add_flat(const Convolution& how, const Offsets& offsets, int64_t column,
                                                                const uint16_t* x, const uint32_t* weights, Sums<kCount>& sums) {
  const auto* own = weights + offsets.first_place * kChannels * how.in / 2;
  for (int64_t i = 0; i < offsets.count; ++i, own += kChannels)
    add_pair<kCount>(x + column * how.pixel + offsets.pairs[i], how.source.image, own, sums);
}

/// The upper or lower half of 32 numbers in float32.
template <int kHalf>
LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline __m512 widened(__m512i numbers) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(numbers, kHalf)), 16));
}

LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline __m512 rectified(__m512 x, float slope) {
  return _mm512_mask_mul_ps(x, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ), x, _mm512_set1_ps(slope));
}

LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline void finish(__m512 low, __m512 high, const Ending& ending, uint16_t* y) {
  if (ending.adds) {
    const auto before = _mm512_loadu_si512(y);
    low = _mm512_add_ps(low, widened<0>(before));
    high = _mm512_add_ps(high, widened<1>(before));
  }
  if (ending.slope != 1) {
    low = rectified(low, ending.slope);
    high = rectified(high, ending.slope);
  }
  _mm512_storeu_si512(y, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

/// Asks for what the next row of the result needs of the source around `column` and this row did not: eight images are more
/// streams than the processor foresees.
LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline void foresee(const Convolution& how, int64_t images, int64_t row,
                                                               int64_t column, const uint16_t* x) {
  if (row + 1 >= static_cast<int64_t>(how.rows.size()) || how.rows[row + 1].empty() || how.columns[column].empty()) return;
  const auto end = [](const std::vector<Meeting>& meetings) { return meetings.back().source + meetings.back().count; };
  const int64_t first_row = how.rows[row].empty() ? how.rows[row + 1].front().source : end(how.rows[row]);
  const int64_t first_column =
      column == 0 || how.columns[column - 1].empty() ? how.columns[column].front().source : end(how.columns[column - 1]);
  for (int64_t r = first_row; r < end(how.rows[row + 1]); ++r) {
    for (int64_t c = first_column; c < end(how.columns[column]); ++c) {
      const auto* pixel = x + r * how.source.row + c * how.pixel;
      for (int64_t m = 0; m < images; ++m, pixel += how.source.image) {
        for (int64_t i = 0; i < how.in; i += kChannels) _mm_prefetch(reinterpret_cast<const char*>(pixel + i), _MM_HINT_T1);
      }
    }
  }
}

template <int64_t kCount>
LEAF_BFLOAT16_PAIRS void convolve_row_of(const Convolution& how, int64_t row, const uint16_t* x, const uint32_t* weights,
                                         const Ending& ending, uint16_t* y) {
  const int64_t columns = static_cast<int64_t>(how.columns.size());
  const Offsets offsets(how, row);
  for (int64_t first = 0; first < how.out; first += kChannels) {
    const auto* const block = weights + first * how.kernel_rows * how.kernel_columns * how.in / 2;
    for (int64_t column = 0; column < columns; ++column) {
      if (first == 0) foresee(how, kCount, row, column, x);
      Sums<kCount> sums;
      for (int64_t m = 0; m < kCount; ++m) {
        for (int64_t v = 0; v < kRegisters; ++v)
          sums[m][v] = ending.bias == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(ending.bias + first + v * kLanes);
      }
      how.flat ? add_flat<kCount>(how, offsets, column, x, block, sums) : add_places<kCount>(how, row, column, x, block, sums);
      auto* const to = y + row * how.result.row + column * how.out + first;
      for (int64_t m = 0; m < kCount; ++m) finish(sums[m][0], sums[m][1], ending, to + m * how.result.image);
    }
  }
}

/// Eight numbers, each in a word of its own.
LEAF_BFLOAT16_PAIRS [[gnu::always_inline]] inline __m256i words(const uint16_t* numbers) {
  return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers)));
}

template <int64_t... kCounts>
constexpr auto for_each_count(std::integer_sequence<int64_t, kCounts...> /*counts*/) {
  return std::array{&convolve_row_of<kCounts + 1>...};
}

}  // namespace

bool is_supported() { return usable_instructions() == Instructions::kAvx512Bfloat16; }

void convolve_row(const Convolution& how, int64_t images, int64_t row, const uint16_t* x, const uint32_t* weights,
                  const Ending& ending, uint16_t* y) {
  static constexpr auto kByCount = for_each_count(std::make_integer_sequence<int64_t, kImages>());
  kByCount[images - 1](how, row, x, weights, ending, y);
}

LEAF_BFLOAT16_PAIRS void pack(const uint16_t* weights, int64_t places, int64_t in, int64_t first_out, int64_t place,
                              uint32_t* to) {
  const auto* const from = weights + (first_out * places + place) * in;
  for (int64_t i = 0; i < in / 2; ++i) {
    for (int64_t o = 0; o < kChannels; ++o) std::memcpy(to + i * kChannels + o, from + o * places * in + 2 * i, sizeof *to);
  }
}

LEAF_BFLOAT16_PAIRS void pack_transposed(const uint16_t* weights, int64_t out, int64_t places, int64_t in, int64_t pair,
                                         uint32_t* to) {
  const auto* const first = weights + 2 * pair * places * in;
  for (int64_t place = 0; place < places; ++place) {
    interleave(first + place * in, first + (places + place) * in, 1, in, kChannels, places * (out / 2) * kChannels,
               to + ((places - 1 - place) * (out / 2) + pair) * kChannels);
  }
}

LEAF_BFLOAT16_PAIRS void interleave(const uint16_t* first, const uint16_t* second, int64_t count, int64_t channels, int64_t block,
                                    int64_t part, uint32_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t begin = 0; begin < channels; begin += block) {
      for (int64_t k = 0; k < block; k += kOut) {
        const int64_t from = i * channels + begin + k;
        auto pairs = words(first + from);
        if (second != nullptr) pairs = _mm256_or_si256(pairs, _mm256_slli_epi32(words(second + from), 16));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + begin / block * part + i * block + k), pairs);
      }
    }
  }
}

LEAF_BFLOAT16_PAIRS void add_products(const uint32_t* g, PairSteps g_steps, const uint32_t* x, PairSteps x_steps, int64_t pairs,
                                      int64_t rows, int64_t columns, bool first, float* sums, int64_t step) {
  Sums<kOut> sum;
  for (int64_t o = 0; o < kOut; ++o) {
    for (int64_t v = 0; v < kRegisters; ++v)
      sum[o][v] = first ? _mm512_setzero_ps() : _mm512_loadu_ps(sums + o * step + v * kLanes);
  }
  for (int64_t pair = 0; pair < pairs; ++pair) {
    for (int64_t row = 0; row < rows; ++row) {
      const auto* at_g = g + pair * g_steps.images + row * g_steps.row;
      const auto* at_x = x + pair * x_steps.images + row * x_steps.row;
      for (int64_t column = 0; column < columns; ++column, at_g += g_steps.pixel, at_x += x_steps.pixel) {
        const auto low = (__m512bh)_mm512_loadu_si512(at_x), high = (__m512bh)_mm512_loadu_si512(at_x + kLanes);
#pragma GCC unroll 8
        for (int64_t o = 0; o < kOut; ++o) {
          const auto both = (__m512bh)_mm512_set1_epi32(static_cast<int32_t>(at_g[o]));
          sum[o][0] = _mm512_dpbf16_ps(sum[o][0], both, low);
          sum[o][1] = _mm512_dpbf16_ps(sum[o][1], both, high);
        }
      }
    }
  }
  for (int64_t o = 0; o < kOut; ++o) {
    for (int64_t v = 0; v < kRegisters; ++v) _mm512_storeu_ps(sums + o * step + v * kLanes, sum[o][v]);
  }
}

}  // namespace leaf::direct

#else

#include <cstdlib>

namespace leaf::direct {

// Other processors and compilers: nobody may call these.
bool is_supported() { return false; }
void convolve_row(const Convolution&, int64_t, int64_t, const uint16_t*, const uint32_t*, const Ending&, uint16_t*) {
  std::abort();
}
void pack(const uint16_t*, int64_t, int64_t, int64_t, int64_t, uint32_t*) { std::abort(); }
void pack_transposed(const uint16_t*, int64_t, int64_t, int64_t, int64_t, uint32_t*) { std::abort(); }
void interleave(const uint16_t*, const uint16_t*, int64_t, int64_t, int64_t, int64_t, uint32_t*) { std::abort(); }
void add_products(const uint32_t*, PairSteps, const uint32_t*, PairSteps, int64_t, int64_t, int64_t, bool, float*, int64_t) {
  std::abort();
}

}  // namespace leaf::direct

#endif
