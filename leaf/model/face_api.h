#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "leaf/model/weights.h"

namespace leaf {

// Networks of the npm package @vladmandic/face-api (docs/formats.md, Weights from elsewhere).

/// What the package's networks read, out of LEAF's views (leaf/views/normalize.h), for red, green and blue: (255 · picture −
/// mean) / 255 = view · factor + summand, the means being 122.782, 117.001 and 104.298.
struct FaceApiInput {
  static constexpr std::array<double, 3> kFactor = {0.229, 0.224, 0.225};
  static constexpr std::array<double, 3> kSummand = {0.485 - 122.782 / 255, 0.456 - 117.001 / 255, 0.406 - 104.298 / 255};
};

/// Three numbers as a tensor that pictures [n, 3, H, W] are multiplied with or added to, [1, 3, 1, 1] float32.
torch::Tensor by_channel(const std::array<double, 3>& numbers);

/// Tensors under the names of LEAF's backbones dlib_resnet and face_expression, in torch's order of numbers; those without such
/// names stay as they are.
///
///     P/conv/filters, P/conv/bias, P/scale/weights, P/scale/biases -> P.weight, P.bias: the scale is multiplied into them, and
///                                                                     the first layer, which has no padding, reads LEAF's views
///     P/filters, P/bias                                            -> P.weight, P.bias
///     P/depthwise_filter, P/pointwise_filter, P/bias               -> P.depthwise.weight, P.pointwise.weight, P.pointwise.bias
///     P/weights                                                    -> P.weight, turned
Tensors named_as_in_torch(const Tensors& tensors);

/// The backbone that weights of the package are for unless another one is asked for, or nothing: dlib's network is cut behind its
/// stage of 128 channels, since what follows tells people apart and not expressions.
std::string usual_backbone(const Tensors& tensors);

}  // namespace leaf
