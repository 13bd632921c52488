#include "leaf/model/kernels/pooling.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_empty_affine_quantized.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#include "leaf/base/vectorize.h"
#include "leaf/model/kernels/bfloat16.h"
#include "leaf/model/kernels/tensors.h"

namespace leaf {
namespace {

using torch::Tensor;

constexpr int64_t kLanes = 32;  ///< channels that are treated together

/// Rows and columns of the larger picture, `height` × `width`, and of the smaller.
struct Grid {
  int64_t height, width, channels, padding;
  [[gnu::always_inline]] int64_t rows() const { return (height + 2 * padding - 3) / 2 + 1; }
  [[gnu::always_inline]] int64_t columns() const { return (width + 2 * padding - 3) / 2 + 1; }
};

/// Numbers by which pixels are compared; as wide as the pixels, so that a register holds many.
template <typename T>
struct Order {
  using Key = T;
  [[gnu::always_inline]] static Key key(T pixel) { return pixel; }
  [[gnu::always_inline]] static T pixel(Key key) { return key; }
  static constexpr Key kLowest =
      std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
};

/// The bits as a whole number, but for negative ones, whose order is the reverse.
template <>
struct Order<Bfloat16> {
  using Key = int16_t;
  [[gnu::always_inline]] static Key key(Bfloat16 pixel) { return ordered(static_cast<Key>(pixel.bits)); }
  [[gnu::always_inline]] static Bfloat16 pixel(Key key) {
    Bfloat16 result;
    result.bits = static_cast<uint16_t>(ordered(key));
    return result;
  }
  [[gnu::always_inline]] static Key ordered(Key bits) { return static_cast<Key>(bits ^ ((bits >> 15) & 0x7fff)); }
  static constexpr Key kLowest = std::numeric_limits<Key>::lowest();
};

/// One result of `lanes` channels, and if wanted for each of its numbers which of the nine pixels it is from. A pixel is null
/// outside.
template <bool kPlaces, typename T>
[[gnu::always_inline]] inline void largest_of(const T* const (&pixels)[9], int64_t lanes, T* y, uint8_t* places) {
  using Key = typename Order<T>::Key;
  using Place =
      std::conditional_t<sizeof(Key) == 4, int32_t, std::conditional_t<sizeof(Key) == 2, int16_t, int8_t>>;  // as wide as the key
  Key largest[kLanes];
  Place place[kLanes];
  for (int64_t k = 0; k < kLanes; ++k) {
    largest[k] = Order<T>::kLowest;
    place[k] = 0;
  }
  for (Place i = 0; i < 9; ++i) {
    const T* const from = pixels[i];
    if (from == nullptr) continue;
    for (int64_t k = 0; k < lanes; ++k) {
      const Key key = Order<T>::key(from[k]);
      const bool larger = key > largest[k];
      if constexpr (kPlaces) place[k] = larger ? i : place[k];
      largest[k] = larger ? key : largest[k];
    }
  }
  for (int64_t k = 0; k < lanes; ++k) y[k] = Order<T>::pixel(largest[k]);
  if constexpr (kPlaces) {
    for (int64_t k = 0; k < lanes; ++k) places[k] = static_cast<uint8_t>(place[k]);
  }
}

/// For rows [begin, end) of all results.
template <bool kPlaces>
constexpr Vectorized pool = []<typename T>(const T* x, Grid grid, int64_t begin, int64_t end, T* y, uint8_t* places)
    __attribute__((always_inline)) {
  for (int64_t at = begin; at < end; ++at) {
    const int64_t image = at / grid.rows(), row = at % grid.rows();
    for (int64_t column = 0; column < grid.columns(); ++column) {
      for (int64_t first = 0; first < grid.channels; first += kLanes) {
        const T* pixels[9];
        for (int64_t i = 0; i < 9; ++i) {
          const int64_t r = 2 * row - grid.padding + i / 3, c = 2 * column - grid.padding + i % 3;
          const bool outside = r < 0 || r >= grid.height || c < 0 || c >= grid.width;
          pixels[i] = outside ? nullptr : x + ((image * grid.height + r) * grid.width + c) * grid.channels + first;
        }
        const int64_t to = (at * grid.columns() + column) * grid.channels + first;
        if (grid.channels - first >= kLanes) {
          largest_of<kPlaces>(pixels, kLanes, y + to, kPlaces ? places + to : nullptr);
        } else {
          largest_of<kPlaces>(pixels, grid.channels - first, y + to, kPlaces ? places + to : nullptr);
        }
      }
    }
  }
};

/// Adds the gradients of `lanes` channels that came from this place.
template <typename T>
[[gnu::always_inline]] inline void add_where(const T* gradient, const uint8_t* places, int32_t place, int64_t lanes, float* sum) {
  for (int64_t k = 0; k < lanes; ++k) sum[k] += static_cast<int32_t>(places[k]) == place ? static_cast<float>(gradient[k]) : 0.0F;
}

/// The gradient of x for rows [begin, end) of all larger pictures: the sum over the results that came from each pixel.
constexpr Vectorized spread = []<typename T>(const T* gradient, const uint8_t* places, Grid grid, int64_t begin, int64_t end,
                                             T* result) __attribute__((always_inline)) {
  const int64_t p = grid.padding;
  for (int64_t at = begin; at < end; ++at) {
    const int64_t image = at / grid.height, r = at % grid.height;
    for (int64_t c = 0; c < grid.width; ++c) {
      for (int64_t first = 0; first < grid.channels; first += kLanes) {
        const int64_t lanes = grid.channels - first;
        float sum[kLanes] = {};
        for (int64_t row = (r + p - 1) / 2; row <= (r + p) / 2 && row < grid.rows(); ++row) {
          for (int64_t column = (c + p - 1) / 2; column <= (c + p) / 2 && column < grid.columns(); ++column) {
            const int64_t from = ((image * grid.rows() + row) * grid.columns() + column) * grid.channels + first;
            const auto place = static_cast<int32_t>((r - 2 * row + p) * 3 + c - 2 * column + p);
            if (lanes >= kLanes) {
              add_where(gradient + from, places + from, place, kLanes, sum);
            } else {
              add_where(gradient + from, places + from, place, lanes, sum);
            }
          }
        }
        T* to = result + (at * grid.width + c) * grid.channels + first;
        for (int64_t k = 0; k < std::min(lanes, kLanes); ++k) to[k] = T(sum[k]);
      }
    }
  }
};

Grid grid_of(const Tensor& x, int64_t padding) { return {x.size(2), x.size(3), x.size(1), padding}; }

Tensor empty_result(const Tensor& x, const std::vector<int64_t>& shape) {
  if (!x.is_quantized()) return torch::empty(shape, x.options(), torch::MemoryFormat::ChannelsLast);
  return at::_empty_affine_quantized(shape, x.options(), x.q_scale(), x.q_zero_point(), torch::MemoryFormat::ChannelsLast);
}

/// The result; `places` becomes where each number is from, if wanted.
template <bool kPlaces>
Tensor pooled(const Tensor& x, int64_t padding, Tensor* places) {
  const auto grid = grid_of(x, padding);
  const std::vector<int64_t> shape{x.size(0), grid.channels, grid.rows(), grid.columns()};
  auto y = empty_result(x, shape);
  if constexpr (kPlaces) *places = torch::empty(shape, torch::TensorOptions(torch::kUInt8), torch::MemoryFormat::ChannelsLast);
  auto* const to_places = kPlaces ? places->data_ptr<uint8_t>() : nullptr;
  const auto run = [&]<typename T>(T /*type*/) {
    at::parallel_for(0, x.size(0) * grid.rows(), 4, [&](int64_t begin, int64_t end) {
      pool<kPlaces>(static_cast<const T*>(x.data_ptr()), grid, begin, end, static_cast<T*>(y.data_ptr()), to_places);
    });
  };
  switch (x.scalar_type()) {
    case torch::kBFloat16:
      run(Bfloat16());
      break;
    case torch::kQUInt8:
      run(uint8_t());
      break;
    case torch::kQInt8:
      run(int8_t());
      break;
    default:
      run(float());
  }
  return y;
}

class PoolingFunction : public torch::autograd::Function<PoolingFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, int64_t padding) {
    Tensor places;
    auto y = pooled<true>(x, padding, &places);
    context->saved_data["padding"] = padding;
    context->saved_data["places"] = places;
    context->saved_data["shape"] = x.sizes().vec();
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto gradient = channels_last(gradients[0]);
    const auto places = context->saved_data["places"].toTensor();
    auto result = torch::empty(context->saved_data["shape"].toIntVector(), gradient.options(), torch::MemoryFormat::ChannelsLast);
    const auto grid = grid_of(result, context->saved_data["padding"].toInt());
    const auto run = [&]<typename T>(T /*type*/) {
      at::parallel_for(0, result.size(0) * grid.height, 8, [&](int64_t begin, int64_t end) {
        spread(static_cast<const T*>(gradient.data_ptr()), places.data_ptr<uint8_t>(), grid, begin, end,
               static_cast<T*>(result.data_ptr()));
      });
    };
    gradient.scalar_type() == torch::kBFloat16 ? run(Bfloat16()) : run(float());
    return {result, Tensor()};
  }
};

}  // namespace

Tensor pool_largest(const Tensor& x, int64_t padding) {
  const bool gradient = torch::GradMode::is_enabled() && x.requires_grad();
  return gradient ? PoolingFunction::apply(channels_last(x), padding) : pooled<false>(channels_last(x), padding, nullptr);
}

}  // namespace leaf
