// The networks of face-api against the same written in libtorch's functions, and against what the package itself says.
#include "leaf/model/face_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/model/backbone.h"
#include "leaf/model/formats/checkpoint.h"
#include "leaf/model/model.h"
#include "leaf/model/naming.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/normalize.h"
#include "tests/shared.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using testing::HasSubstr;
using torch::Tensor;

/// A network of small numbers, none of them 0.
std::shared_ptr<Backbone> drawn(const std::string& name) {
  torch::manual_seed(7);
  auto backbone = backbones().at(name).make("imagenet");
  const torch::NoGradGuard no_gradient;
  for (auto& parameter : backbone->parameters()) {
    const double fan = parameter.dim() == 4 ? static_cast<double>(parameter[0].numel()) : 16;
    parameter.copy_(torch::randn_like(parameter) / std::sqrt(fan));
  }
  return backbone;
}

/// dlib's network out of plain functions; `stages` are 3 or 4.
Tensor plain_dlib(Tensor x, const Tensors& w, int64_t width) {
  const auto layer = [&](const Tensor& in, const std::string& name, int64_t stride, int64_t padding) {
    return torch::conv2d(in, w.at(name + ".weight"), w.at(name + ".bias"), stride, padding);
  };
  const auto same = [&](const Tensor& in, const std::string& name) {
    return (layer(layer(in, name + ".conv1", 1, 1).relu(), name + ".conv2", 1, 1) + in).relu();
  };
  const auto down = [&](const Tensor& in, const std::string& name) {
    const auto main = layer(layer(in, name + ".conv1", 2, 0).relu(), name + ".conv2", 1, 1);
    const auto means = torch::avg_pool2d(in, 2, 2);
    auto sum = torch::zeros({in.size(0), main.size(1), means.size(2), means.size(3)});
    using torch::indexing::Slice;
    sum.index({Slice(), Slice(0, means.size(1))}) += means;
    sum.index({Slice(), Slice(), Slice(0, main.size(2)), Slice(0, main.size(3))}) += main;
    return sum.relu();
  };
  x = torch::max_pool2d(layer(x, "conv32_down", 2, 0).relu(), 3, 2);
  for (const auto* name : {"conv32_1", "conv32_2", "conv32_3"}) x = same(x, name);
  x = down(x, "conv64_down");
  for (const auto* name : {"conv64_1", "conv64_2", "conv64_3"}) x = same(x, name);
  x = down(x, "conv128_down");
  for (const auto* name : {"conv128_1", "conv128_2"}) x = same(x, name);
  if (width == 128) return x;
  x = down(x, "conv256_down");
  for (const auto* name : {"conv256_1", "conv256_2"}) x = same(x, name);
  return down(x, "conv256_down_out");
}

/// A convolution with TensorFlow's "same" padding: so much in all that there are ⌈size / stride⌉ results, the smaller half
/// before.
Tensor tensorflow_same(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t groups) {
  std::vector<int64_t> edges;
  for (const int64_t dimension : {3, 2}) {
    const int64_t size = x.size(dimension), results = (size + stride - 1) / stride;
    const int64_t whole = std::max<int64_t>((results - 1) * stride + weight.size(dimension) - size, 0);
    edges.insert(edges.end(), {whole / 2, whole - whole / 2});
  }
  return torch::conv2d(torch::constant_pad_nd(x, edges), weight, bias, stride, torch::IntArrayRef{0, 0}, 1, groups);
}

Tensor plain_expression(Tensor x, const Tensors& w) {
  const auto separable = [&](const Tensor& in, const std::string& name, int64_t stride) {
    const auto each = tensorflow_same(in, w.at(name + ".depthwise.weight"), {}, stride, in.size(1));
    return torch::conv2d(each, w.at(name + ".pointwise.weight"), w.at(name + ".pointwise.bias"));
  };
  const auto mean = torch::tensor({0.485, 0.456, 0.406}, torch::kFloat32).reshape({1, 3, 1, 1}),
             deviation = torch::tensor({0.229, 0.224, 0.225}, torch::kFloat32).reshape({1, 3, 1, 1}),
             own = torch::tensor({122.782, 117.001, 104.298}, torch::kFloat32).reshape({1, 3, 1, 1});
  x = ((x * deviation + mean) * 255 - own) / 255;
  for (int i = 0; i < 4; ++i) {
    const auto block = fmt::format("dense{}.", i);
    const auto x1 = (i == 0 ? tensorflow_same(x, w.at("dense0.conv0.weight"), w.at("dense0.conv0.bias"), 2, 1)
                            : separable(x, block + "conv0", 2))
                        .relu();
    const auto x2 = separable(x1, block + "conv1", 1);
    const auto x3 = separable((x1 + x2).relu(), block + "conv2", 1);
    const auto x4 = separable((x1 + x2 + x3).relu(), block + "conv3", 1);
    x = (x1 + x2 + x3 + x4).relu();
  }
  return x;
}

TEST(FaceApi, NetworksAreThoseOfPlainFunctions) {
  for (const auto& [name, sizes] : std::vector<std::pair<std::string, std::vector<int64_t>>>{
           {"dlib_resnet_128", {31, 48, 63, 64}}, {"dlib_resnet", {103, 112}}, {"face_expression", {16, 31, 48}}}) {
    const auto backbone = drawn(name);
    const auto weights = collect(*backbone);
    for (const int64_t size : sizes) {
      SCOPED_TRACE(name + " " + std::to_string(size));
      const auto images = torch::randn({4, 3, size, size});
      const auto expected =
          name == "face_expression" ? plain_expression(images, weights) : plain_dlib(images, weights, backbone->width());
      ASSERT_GT(expected.numel(), 0);
      EXPECT_EQ(backbone->width(), expected.size(1));
      for (const bool fused : {false, true}) {
        Pass pass;
        pass.fused = fused;
        EXPECT_TRUE(near(backbone->forward(images.contiguous(torch::MemoryFormat::ChannelsLast), pass).detach(), expected, 1e-4));
      }
    }
  }
}

TEST(FaceApi, SmallestViewsStillHaveAMap) {
  for (const auto& [name, smallest] : {std::pair("dlib_resnet", 103), std::pair("dlib_resnet_128", 31)}) {
    ModelOptions options;
    options.backbone = name;
    EXPECT_EQ(make_model(options, 7, smallest)->forward(torch::zeros({1, 3, smallest, smallest})).logits.size(1), 7);
    try {
      make_model(options, 7, smallest - 1);
      ADD_FAILURE() << name;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(),
                  HasSubstr(fmt::format("{} needs views of at least {} pixels, found {}", name, smallest, smallest - 1)));
    }
  }
}

TEST(FaceApi, ScalesArePutIntoTheConvolution) {
  torch::manual_seed(1);
  Tensors given;
  const auto layer = [&](const std::string& name, int64_t kernel, int64_t in, int64_t out) {
    given[name + "/conv/filters"] = torch::randn({kernel, kernel, in, out});
    for (const auto* part : {"/conv/bias", "/scale/weights", "/scale/biases"}) given[name + part] = torch::randn({out});
  };
  layer("conv32_down", 7, 3, 32);
  layer("conv32_1/conv1", 3, 32, 32);
  given["fc"] = torch::randn({256, 128});
  const auto found = named_as_in_torch(given);
  EXPECT_EQ(found.size(), 5u);
  EXPECT_TRUE(torch::equal(found.at("fc"), given.at("fc")));
  const auto original = [&](const Tensor& x, const std::string& name) {
    const auto filters = given.at(name + "/conv/filters");
    return torch::conv2d(x, filters.permute({3, 2, 0, 1}), given.at(name + "/conv/bias")) *
               given.at(name + "/scale/weights").reshape({1, -1, 1, 1}) +
           given.at(name + "/scale/biases").reshape({1, -1, 1, 1});
  };
  // A view and the same picture as the package has it.
  const auto pixels = torch::randint(0, 256, {1, 9, 9, 3});
  Image picture(9, 9);
  for (int64_t i = 0; i < pixels.numel(); ++i) picture.pixels[i] = static_cast<uint8_t>(pixels.flatten()[i].item<int64_t>());
  auto view = torch::empty({1, 9, 9, 3});
  write_normalized(picture, view.data_ptr<float>());
  const auto own = (pixels - torch::tensor({122.782, 117.001, 104.298})).to(torch::kFloat32) / 255;
  EXPECT_TRUE(near(torch::conv2d(view.permute({0, 3, 1, 2}), found.at("conv32_down.weight"), found.at("conv32_down.bias")),
                   original(own.permute({0, 3, 1, 2}), "conv32_down"), 1e-4));
  const auto maps = torch::randn({2, 32, 5, 5});
  EXPECT_TRUE(near(torch::conv2d(maps, found.at("conv32_1.conv1.weight"), found.at("conv32_1.conv1.bias")),
                   original(maps, "conv32_1/conv1"), 1e-4));
}

TEST(FaceApi, LeavesWhatDoesNotFitAsItIs) {
  const Tensors odd = {{"a/conv/filters", torch::zeros({3, 3, 2, 4})},
                       {"a/conv/bias", torch::zeros({5})},
                       {"b/filters", torch::zeros({3, 3})},
                       {"c/weights", torch::zeros({4})},
                       {"d/depthwise_filter", torch::zeros({1})},
                       {"layer1.0.conv1.weight", torch::zeros({1})}};
  EXPECT_EQ(named_as_in_torch(odd).size(), odd.size());
  for (const auto& [name, tensor] : named_as_in_torch(odd)) EXPECT_TRUE(odd.contains(name)) << name;
}

/// The picture as a view, [1, 3, H, W].
Tensor view_of(const std::filesystem::path& path) {
  const auto picture = read_image(path);
  auto view = torch::empty({1, picture.height, picture.width, 3});
  write_normalized(picture, view.data_ptr<float>());
  return view.permute({0, 3, 1, 2});
}

/// The encoder of the package's file, and all its tensors under torch's names.
std::pair<std::shared_ptr<Backbone>, Tensors> fetched(const std::filesystem::path& manifest, const std::string& name) {
  const auto tensors = read_checkpoint(manifest).tensors;
  const auto fit = fit_backbone(tensors, name);
  auto backbone = backbones().at(name).make("imagenet");
  EXPECT_TRUE(fit.report.missing.empty() && fit.report.wrong_shape.empty()) << fit.report.summary();
  load_weights(*backbone, fit.tensors);
  return {backbone, named_as_in_torch(tensors)};
}

Tensor numbers(const nlohmann::json& list) { return torch::tensor(list.get<std::vector<float>>()); }

/// Runs `check(face, pictures' folder)` for each recorded face.
void for_each_face(const std::filesystem::path& folder, const std::function<void(const nlohmann::json&)>& check) {
  const auto recorded = nlohmann::json::parse(read_file(folder / "networks.json"));
  ASSERT_FALSE(recorded.at("faces").empty());
  for (const auto& face : recorded.at("faces")) check(face);
}

TEST(FaceApiGolden, DlibDescribesFacesAsThePackageDoes) {
  LEAF_NEEDS_SHARED(folder, "goldens/face_networks");
  LEAF_NEEDS_FETCHED(package, "face-api");
  const torch::NoGradGuard no_gradient;
  const auto [backbone, tensors] = fetched(package / "face_recognition_model-weights_manifest.json", "dlib_resnet");
  for_each_face(folder, [&, &network = backbone, &all = tensors](const auto& face) {
    const auto map = network->forward(view_of(folder / face.at("recognition_input").template get<std::string>()), {});
    EXPECT_TRUE(near(map.mean({2, 3}).matmul(all.at("fc"))[0], numbers(face.at("descriptor")), 1e-3));
  });
}

TEST(FaceApiGolden, ExpressionsAndLandmarksAreThePackages) {
  LEAF_NEEDS_SHARED(folder, "goldens/face_networks");
  LEAF_NEEDS_FETCHED(package, "face-api");
  const torch::NoGradGuard no_gradient;
  for (const auto& [manifest, field] : {std::pair("face_expression_model-weights_manifest.json", "expression_logits"),
                                        std::pair("face_landmark_68_model-weights_manifest.json", "landmarks")}) {
    SCOPED_TRACE(manifest);
    const auto [backbone, tensors] = fetched(package / manifest, "face_expression");
    for_each_face(folder, [&, &network = backbone, &all = tensors, name = field](const auto& face) {
      const auto map = network->forward(view_of(folder / face.at("expression_input").template get<std::string>()), {});
      const auto found = torch::addmm(all.at("fc.bias"), map.mean({2, 3}), all.at("fc.weight").t())[0];
      EXPECT_TRUE(near(found, numbers(face.at(name)), 1e-3));
    });
  }
}

}  // namespace
}  // namespace leaf
