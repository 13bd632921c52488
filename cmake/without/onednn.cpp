// Stands in for the kernels that call oneDNN where LEAF is built without it. The model asks built_with() and takes libtorch's
// layers, so none of these is called.
#include <stdexcept>

#include "leaf/model/kernels/convolution.h"
#include "leaf/model/kernels/folded.h"
#include "leaf/model/kernels/matrix_rate.h"

namespace leaf {
namespace {

[[noreturn]] void not_built() { throw std::logic_error("this leaf was built without oneDNN (LEAF_WITH_ONEDNN=OFF)"); }

}  // namespace

torch::Tensor convolve(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&, int64_t, int64_t, double,
                       const torch::Tensor&) {
  not_built();
}

double matrix_rate(torch::ScalarType, int64_t) { not_built(); }

struct FoldedConvolution::Call {};
FoldedConvolution::FoldedConvolution(const torch::nn::Conv2dImpl&, const torch::nn::BatchNorm2dImpl&, double) { not_built(); }
FoldedConvolution::~FoldedConvolution() = default;
torch::Tensor FoldedConvolution::forward(const torch::Tensor&, const torch::Tensor&) { not_built(); }

Folded::Folded(std::string, double) { not_built(); }
torch::Tensor Folded::input(const torch::Tensor&) const { not_built(); }
FoldedConvolution& Folded::layer(const torch::nn::Conv2dImpl&, const torch::nn::BatchNorm2dImpl&, double) { not_built(); }

}  // namespace leaf
