#include "leaf/model/kernels/matrix_rate.h"

#include <algorithm>

#include "leaf/base/stopwatch.h"
#include "leaf/model/kernels/onednn.h"

namespace leaf {

double matrix_rate(torch::ScalarType type, int64_t n) {
  using dnnl::memory;
  constexpr int kRepeats = 8;
  const memory::dims shape{n, n};
  const memory::desc plain(shape, onednn::type_of(type), memory::format_tag::ab),
      any(shape, onednn::type_of(type), memory::format_tag::any);
  // The right matrix in the order that oneDNN likes best, as the weights of a convolution are.
  const auto description = onednn::description<dnnl::matmul>({}, plain, any, plain);
  const dnnl::matmul product(description);
  auto left = torch::ones({n, n}, type), right = onednn::buffer(description.weights_desc()).zero_(),
       result = torch::empty({n, n}, type);
  dnnl::stream stream(onednn::engine());
  double best = 0;
  for (int i = 0; i < kRepeats; ++i) {
    const Stopwatch stopwatch;
    product.execute(stream, {{DNNL_ARG_SRC, memory(plain, onednn::engine(), left.data_ptr())},
                             {DNNL_ARG_WEIGHTS, memory(description.weights_desc(), onednn::engine(), right.data_ptr())},
                             {DNNL_ARG_DST, memory(plain, onednn::engine(), result.data_ptr())}});
    const double seconds = stopwatch.seconds();
    best = std::max(best, 2.0 * static_cast<double>(n * n * n) / seconds / 1e9);
  }
  return best;
}

}  // namespace leaf
