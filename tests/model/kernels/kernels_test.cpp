#include <gtest/gtest.h>

#include "leaf/model/backbone.h"
#include "leaf/model/kernels/convolution.h"
#include "leaf/model/kernels/normalization.h"
#include "leaf/model/kernels/pooling.h"
#include "leaf/model/model.h"
#include "leaf/model/precision.h"
#include "leaf/model/weights.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using torch::Tensor;

/// The length of the difference in units of the length of what is expected; lengths below a millionth count as one.
double difference(const Tensor& found, const Tensor& expected) {
  const auto length = [](const Tensor& x) { return x.to(torch::kFloat64).norm().item<double>(); };
  return length(found.to(torch::kFloat64) - expected.to(torch::kFloat64)) / std::max(length(expected), 1e-6);
}

struct ConvolutionCase {
  int64_t images, in, out, kernel, stride, height, width;
  bool bias;
  bool padded = true;  ///< by half of the kernel
  double slope = 1;    ///< of the rectifier behind it
  bool added = false;  ///< a shortcut before the rectifier
};

const ConvolutionCase kConvolutions[] = {
    {2, 3, 16, 7, 2, 32, 32, false},
    {3, 16, 8, 3, 1, 9, 9, true},
    {2, 32, 32, 3, 2, 8, 8, false},
    {1, 32, 16, 3, 2, 7, 7, false},
    {2, 5, 7, 3, 1, 4, 4, true},
    {2, 16, 40, 3, 2, 6, 1, true},  // oneDNN's gradient of the weights in bfloat16 is wrong
    // These take the loops of DirectConvolution and WeightGradient: whole and odd numbers of images, maps of one and of many
    // pixels (several chunks), both strides, places of the kernel that meet nothing.
    {8, 32, 64, 3, 1, 6, 6, false},
    {13, 64, 32, 3, 1, 4, 5, false},
    {5, 32, 48, 3, 1, 2, 2, false},
    {4, 32, 32, 3, 1, 1, 1, false},
    {9, 64, 96, 3, 2, 7, 7, false},
    {16, 32, 32, 3, 2, 8, 6, false},
    {7, 32, 64, 3, 2, 1, 2, false},
    {17, 32, 64, 1, 2, 7, 7, false},
    {5, 64, 32, 1, 1, 3, 3, false},
    {4, 16, 32, 3, 1, 9, 9, false},
    {5, 3, 64, 7, 2, 16, 17, false},
    {12, 3, 32, 3, 1, 5, 8, false},
    {4, 4, 32, 3, 2, 6, 1, false},
    {4, 32, 40, 3, 1, 5, 5, false},
    {4, 32, 32, 3, 1, 50, 61, false},
    {4, 32, 32, 3, 2, 121, 90, false},
    {6, 32, 32, 5, 2, 21, 100, false},
    {70, 32, 32, 3, 1, 9, 9, false},
    // With what follows a convolution that has no normalization; without padding the last row or column may meet nothing.
    {8, 32, 32, 3, 1, 7, 7, true, true, 0, true},
    {8, 32, 64, 3, 2, 8, 7, true, false, 0},
    {6, 3, 32, 7, 2, 20, 21, true, false, 0},
    {8, 64, 64, 3, 1, 5, 5, true, true, 1, true},
    {9, 32, 32, 1, 1, 4, 4, true, true, 0.1, true},
    {2, 8, 8, 3, 1, 6, 6, true, true, 0.1, true},
    {3, 8, 12, 3, 2, 6, 6, false, false, 0, true}};

class Convolution : public testing::TestWithParam<ConvolutionCase> {};

TEST_P(Convolution, IsThatOfLibtorchWithItsGradients) {
  const auto& c = GetParam();
  torch::manual_seed(1);
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    if (type == torch::kBFloat16 && !convolves_bfloat16())
      GTEST_SKIP() << "this processor has no AVX-512, so oneDNN has no convolution in bfloat16";
    SCOPED_TRACE(toString(type));
    // Numbers that bfloat16 holds exactly, so that only sums and results are rounded.
    const auto numbers = [](torch::IntArrayRef shape) { return torch::randn(shape).to(torch::kBFloat16).to(torch::kFloat32); };
    const auto weight = numbers({c.out, c.in, c.kernel, c.kernel}).contiguous(torch::MemoryFormat::ChannelsLast);
    const auto images = numbers({c.images, c.in, c.height, c.width}), bias = c.bias ? numbers({c.out}) : Tensor();
    const auto with_gradient = [](const Tensor& tensor) { return tensor.defined() ? tensor.clone().requires_grad_() : tensor; };
    const auto x = with_gradient(images), w = with_gradient(weight), b = with_gradient(bias);
    const auto x0 = with_gradient(images), w0 = with_gradient(weight), b0 = with_gradient(bias);
    const int64_t padding = c.padded ? c.kernel / 2 : 0;
    auto expected = torch::conv2d(x0, w0, b0, c.stride, padding);
    const auto more = c.added ? numbers(expected.sizes()) : Tensor();
    const auto a = with_gradient(more), a0 = with_gradient(more);
    if (c.added) expected = expected + a0;
    expected = torch::leaky_relu(expected, c.slope);
    const auto found = convolve(x.to(type), w, b, c.stride, padding, c.slope, c.added ? a.to(type) : Tensor());
    ASSERT_EQ(found.sizes(), expected.sizes());
    ASSERT_EQ(found.scalar_type(), type);
    const double near = type == torch::kFloat32 ? 1e-5 : 1e-2;
    EXPECT_LT(difference(found, expected), near);
    const auto gradient = numbers(expected.sizes());
    found.backward(gradient.to(type));
    expected.backward(gradient);
    EXPECT_LT(difference(x.grad(), x0.grad()), near);
    EXPECT_LT(difference(w.grad(), w0.grad()), near);
    if (c.bias) {
      EXPECT_LT(difference(b.grad(), b0.grad()), near);
    }
    if (c.added) {
      EXPECT_LT(difference(a.grad(), a0.grad()), near);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Convolution, testing::ValuesIn(kConvolutions));

TEST(Convolution, TakesPixelsThatAreNotInChannelsLastOrder) {
  torch::manual_seed(2);
  const auto images = torch::randn({2, 4, 6, 6}), weight = torch::randn({3, 4, 3, 3});
  EXPECT_LT(
      difference(convolve(images.transpose(2, 3), weight, {}, 1, 1), torch::conv2d(images.transpose(2, 3), weight, {}, 1, 1)),
      1e-5);
}

struct NormalizationCase {
  std::vector<int64_t> batches;
  size_t followed;
  int64_t channels, size;
  bool added;
  double slope;
};

const NormalizationCase kNormalizations[] = {{{4}, 1, 32, 9, false, 0},     {{3, 5, 2}, 3, 48, 4, true, 0},
                                             {{2, 2}, 1, 16, 5, true, 0.1}, {{40, 40}, 2, 64, 16, true, 0},
                                             {{6}, 1, 5, 3, false, 1},      {{300}, 1, 33, 4, true, 1}};

class BatchNormalization : public testing::TestWithParam<NormalizationCase> {};

TEST_P(BatchNormalization, IsThatOfLibtorchForEachBatchWithItsGradients) {
  const auto& c = GetParam();
  torch::manual_seed(3);
  int64_t n = 0;
  for (const auto images : c.batches) n += images;
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    SCOPED_TRACE(toString(type));
    const auto numbers = [&](torch::IntArrayRef shape) { return torch::randn(shape).to(type).to(torch::kFloat32); };
    const std::vector<int64_t> shape{n, c.channels, c.size, c.size};
    const auto images = numbers(shape) * 3 + 2, more = numbers(shape), gradient = numbers(shape);
    const auto x = images.to(type).contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_(),
               added = more.to(type).requires_grad_();
    const auto x0 = x.detach().to(torch::kFloat32).requires_grad_(), added0 = added.detach().to(torch::kFloat32).requires_grad_();
    const auto gamma = torch::rand({c.channels}) + 0.5, beta = torch::randn({c.channels});
    const auto weight = gamma.clone().requires_grad_(), bias = beta.clone().requires_grad_(),
               weight0 = gamma.clone().requires_grad_(), bias0 = beta.clone().requires_grad_();
    const auto mean = torch::randn({c.channels}), variance = torch::rand({c.channels}) + 1, mean0 = mean.clone(),
               variance0 = variance.clone();
    const Normalization how{weight, bias, mean, variance, 1e-5, 0.1, c.slope};
    const auto found = normalize_batches(x, c.added ? added : Tensor(), how, c.batches, c.followed);
    std::vector<Tensor> parts;
    for (const auto& batch : x0.split_with_sizes(c.batches)) {
      const bool follows = parts.size() < c.followed;
      parts.push_back(torch::batch_norm(batch, weight0, bias0, follows ? mean0 : Tensor(), follows ? variance0 : Tensor(), true,
                                        0.1, 1e-5, false));
    }
    auto expected = torch::cat(parts);
    if (c.added) expected = expected + added0;
    expected = c.slope == 1 ? expected : torch::leaky_relu(expected, c.slope);
    const double near = type == torch::kFloat32 ? 1e-5 : 1e-2;
    EXPECT_LT(difference(found, expected), near);
    EXPECT_LT(difference(mean, mean0), 1e-5);
    EXPECT_LT(difference(variance, variance0), 1e-5);
    found.backward(gradient.to(type));
    expected.backward(gradient);
    EXPECT_LT(difference(x.grad(), x0.grad()), near * 2);
    EXPECT_LT(difference(weight.grad(), weight0.grad()), near);
    EXPECT_LT(difference(bias.grad(), bias0.grad()), near);
    if (c.added) {
      EXPECT_LT(difference(added.grad(), added0.grad()), near);
    }
    const torch::NoGradGuard no_gradient;
    auto running = torch::batch_norm(x0, weight0, bias0, mean0, variance0, false, 0.1, 1e-5, false);
    if (c.added) running = running + added0;
    EXPECT_LT(difference(normalize_running(x, c.added ? added : Tensor(), how), torch::leaky_relu(running, c.slope)), near);
  }
}

INSTANTIATE_TEST_SUITE_P(Batches, BatchNormalization, testing::ValuesIn(kNormalizations));

TEST(PoolLargest, IsThatOfLibtorchWithItsGradient) {
  torch::manual_seed(6);
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    for (const std::vector<int64_t>& shape :
         {std::vector<int64_t>{2, 3, 5, 8}, {1, 64, 1, 1}, {3, 80, 7, 6}, {2, 32, 3, 4}, {1, 5, 5, 5}}) {
      const int64_t padding = shape[2] % 4 == 3 ? 0 : 1;  // 3 and 7 rows without
      const auto images = torch::randn(shape).to(type).to(torch::kFloat32);
      const auto x = images.to(type).clone(torch::MemoryFormat::ChannelsLast).requires_grad_(),
                 x0 = images.clone().requires_grad_();
      const auto found = pool_largest(x, padding), expected = torch::max_pool2d(x0, 3, 2, padding);
      ASSERT_EQ(found.sizes(), expected.sizes());
      EXPECT_EQ(difference(found, expected), 0);
      const auto gradient = torch::randn(expected.sizes()).to(type);
      found.backward(gradient);
      expected.backward(gradient.to(torch::kFloat32));
      EXPECT_LT(difference(x.grad(), x0.grad()), type == torch::kFloat32 ? 1e-6 : 1e-2);
    }
  }
}

ModelOptions network(const std::string& backbone, const std::string& kernels, const std::string& precision) {
  ModelOptions options;
  options.backbone = backbone;
  options.kernels = kernels;
  options.precision = precision;
  options.dropout = 0;
  options.semantic.gate = options.instance.gate = "top_k";
  return options;
}

/// Logits, gradients and buffers of a step over two views, by name.
Tensors step_of(const std::string& backbone, const std::string& kernels, const std::string& precision, bool joint,
                size_t followed) {
  torch::manual_seed(4);
  auto model = make_model(network(backbone, kernels, precision), 7, 32);
  model->train();
  const std::vector<Tensor> views{torch::randn({6, 3, 32, 32}), torch::randn({10, 3, 32, 32})};
  const auto outputs = model->forward_all(views, joint, followed);
  const auto logits = torch::cat({outputs[0].logits, outputs[1].logits});
  logits.square().mean().backward();
  Tensors result{{"logits", logits.detach()}};
  for (const auto& item : model->named_parameters()) result["gradient of " + item.key()] = item.value().grad().clone();
  for (const auto& item : model->named_buffers()) result[item.key()] = item.value().clone();
  return result;
}

class Kernels : public testing::TestWithParam<std::string> {};

TEST_P(Kernels, GiveWhatLibtorchGives) {
  for (const auto& [joint, followed] : {std::pair{true, size_t{2}}, {false, size_t{2}}, {false, size_t{1}}}) {
    SCOPED_TRACE(joint ? "joint" : "separate");
    const auto expected = step_of(GetParam(), "torch", "float32", joint, followed);
    for (const auto& [name, found] : step_of(GetParam(), "fused", "float32", joint, followed)) {
      // A bias before a normalization has no gradient but by rounding; a number at a rectifier's corner may fall on either side,
      // which deep layers enlarge.
      if (name.ends_with("conv1.bias") || name.ends_with("conv2.bias") || name.ends_with("convShortcut.bias")) continue;
      EXPECT_LT(difference(found, expected.at(name)), 0.1) << name;
    }
  }
}

TEST_P(Kernels, GiveNearlyThatInBfloat16) {
  const auto expected = step_of(GetParam(), "torch", "float32", false, 2),
             found = step_of(GetParam(), "fused", "bfloat16", false, 2);
  const auto plain = step_of(GetParam(), "torch", "bfloat16", false, 2);
  EXPECT_LT(difference(found.at("logits"), expected.at("logits")),
            2 * difference(plain.at("logits"), expected.at("logits")) + 0.02);
}

INSTANTIATE_TEST_SUITE_P(Backbones, Kernels,
                         testing::Values("resnet10_half", "resnet18", "wideresnet28_2", "dlib_resnet_128", "face_expression"));

TEST(Kernels, LeaveAGradientTowardsTheImages) {
  for (const std::string kernels : {"fused", "torch"}) {
    torch::manual_seed(5);
    auto model = make_model(network("resnet10_half", kernels, "float32"), 7, 32);
    for (const bool training : {true, false}) {
      model->train(training);
      const auto images = torch::randn({2, 3, 32, 32}).requires_grad_();
      model->forward(images).logits.sum().backward();
      EXPECT_GT(images.grad().abs().max().item<float>(), 0) << kernels << training;
    }
  }
}

}  // namespace
}  // namespace leaf
