#pragma once

#include <cstdint>
#include <vector>

// The loops of convolutions in bfloat16 for processors that multiply pairs of such numbers and add them up in float32 (AVX-512
// BF16). Numbers are given by their bits; a pair is one 32-bit word. No tensors and no threads here.

namespace leaf::direct {

/// Whether the usable instructions run the loops and make nothing quicker in oneDNN (AMX does).
bool is_supported();

// The convolution itself.

constexpr int64_t kImages = 8;         ///< pixels at one place that are computed together, each of another image
constexpr int64_t kChannels = 32;      ///< channels of the result that are computed together
constexpr int64_t kMostOffsets = 128;  ///< pairs under a flat kernel

/// Numbers from one image and row to the next.
struct Steps {
  int64_t image, row;
};

/// Neighboring rows or columns of the kernel, from `place` on, and those of the source that they meet.
struct Meeting {
  int64_t place, source, count;
};

/// Sizes and places of a convolution of maps in channels-last order.
struct Convolution {
  std::vector<std::vector<Meeting>> rows, columns;  ///< for each row and column of the result; what lies outside is not listed
  int64_t kernel_rows, kernel_columns;
  int64_t in, out;  ///< channels, multiples of 2 and of kChannels
  int64_t pixel;    ///< numbers from one pixel of the source to the next
  bool flat;  ///< a row of the kernel is one place, whose channels are those of its pixels; at most kMostOffsets pairs in all
  Steps source, result;
};

/// What follows: y = rectifier(sum + bias + what is in y already), the latter two if wanted. `slope` is that of the rectifier
/// below 0.
struct Ending {
  const float* bias = nullptr;
  bool adds = false;
  float slope = 1;
};

/// One row of the result of up to kImages images; x and y point to the first of them, the row is of all its columns. `weights`
/// [out / kChannels][places][in / 2][kChannels] pairs.
void convolve_row(const Convolution& how, int64_t images, int64_t row, const uint16_t* x, const uint32_t* weights,
                  const Ending& ending, uint16_t* y);

/// Weights [out][places][in] -> that order: what belongs to kChannels of the result and one place, [in / 2][kChannels] pairs.
void pack(const uint16_t* weights, int64_t places, int64_t in, int64_t first_out, int64_t place, uint32_t* to);

/// The same for the gradient of the images, whose channels are the weights' `in`: what belongs to one pair of output channels, in
/// [in / kChannels][places][out / 2][kChannels] pairs. The kernel is turned by 180°, so that neighboring places meet neighboring
/// pixels.
void pack_transposed(const uint16_t* weights, int64_t out, int64_t places, int64_t in, int64_t pair, uint32_t* to);

// The gradient of the weights.

constexpr int64_t kOut = 8, kIn = 32;  ///< output and input channels that are computed together

/// A row of two images, number by number: count × [channels] each -> [channels / block] parts, `part` pairs apart, of count ×
/// [block] pairs; block a multiple of kOut. The second image may be null: zeros.
void interleave(const uint16_t* first, const uint16_t* second, int64_t count, int64_t channels, int64_t block, int64_t part,
                uint32_t* to);

/// Pairs from one pair of images and one row to the next, and from pixel to pixel.
struct PairSteps {
  int64_t images, row, pixel;
};

/// Adds Σ g·x over pairs of images, rows and columns to sums [kOut][kIn], `step` numbers from row to row, which begin at 0
/// where `first`. g: pixels of kOut pairs, x: pixels of kIn pairs.
void add_products(const uint32_t* g, PairSteps g_steps, const uint32_t* x, PairSteps x_steps, int64_t pairs, int64_t rows,
                  int64_t columns, bool first, float* sums, int64_t step);

}  // namespace leaf::direct
