#include "leaf/export/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <opencv2/dnn.hpp>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/data/open.h"
#include "leaf/model/backbone.h"
#include "leaf/model/weights.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/plain_views.h"
#include "tests/shared.h"
#include "tests/temporary.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using torch::Tensor;

constexpr double kTolerance = 1e-4;

/// Numbers of the size that training gives, and gates that are not all equal.
void draw_numbers(Model& model) {
  torch::manual_seed(5);
  for (auto& [name, tensor] : collect(*model)) {
    if (!tensor.is_floating_point()) continue;
    const auto normal = torch::randn(tensor.sizes());
    if (name.ends_with("running_var")) {
      tensor.copy_(0.5 + torch::rand(tensor.sizes()));
    } else if (tensor.dim() == 4) {
      tensor.copy_(normal * std::sqrt(1 / static_cast<double>(tensor[0].numel())));
    } else if (tensor.dim() == 1) {
      tensor.copy_((name.starts_with("backbone") && name.ends_with("weight") ? 1 : 0) + 0.1 * normal);
    } else if (name.ends_with("w_gate")) {
      tensor.copy_(normal);
    }
  }
}

ModelFile drawn_model(const ModelOptions& options, int64_t size) {
  ModelFile file;
  file.options = options;
  file.views.size = size;
  for (int i = 0; i < 7; ++i) file.classes.push_back("class " + std::to_string(i));
  file.model = make_model(options, 7, size);
  draw_numbers(file.model);
  file.model->eval();
  file.calibration = {.temperature = 1.7, .fitted_on = "folds"};
  return file;
}

/// What a program says of views [n, 3, S, S]: [n, C] both.
struct Said {
  Tensor logits, probabilities;
};

Said said_by_leaf(const ModelFile& file, const Tensor& views) {
  const torch::NoGradGuard no_gradient;
  auto model = file.model;
  const auto output = model->forward(views);
  return {output.logits, file.probabilities(output.logits)};
}

Said said_by_opencv(const std::string& onnx, const Tensor& views) {
  auto network = cv::dnn::readNetFromONNX(onnx.data(), onnx.size());
  const auto pixels = views.contiguous();
  const std::vector<int> shape(pixels.sizes().begin(), pixels.sizes().end());
  network.setInput(cv::Mat(shape, CV_32F, pixels.data_ptr()), "faces");
  std::vector<cv::Mat> results;
  network.forward(results, std::vector<cv::String>{"logits", "probabilities"});
  const auto tensor = [](const cv::Mat& result) {
    return torch::from_blob(result.data, {result.rows, result.cols}, torch::kFloat32).clone();
  };
  return {tensor(results[0]), tensor(results[1])};
}

void expect_agreement(const Said& found, const Said& expected, const std::string& of) {
  EXPECT_TRUE(near(found.logits, expected.logits, kTolerance)) << of;
  EXPECT_TRUE(near(found.probabilities, expected.probabilities, kTolerance)) << of;
}

/// A model to export with views to compare on.
struct Case {
  std::string name;
  ModelFile file;
  Tensor views;
};

std::vector<Case> every_backbone() {
  std::vector<Case> cases;
  for (const auto& name : backbones().names()) {
    const auto& entry = backbones().at(name);
    for (const std::string& stem :
         entry.has_stems ? std::vector<std::string>{"imagenet", "small"} : std::vector<std::string>{"auto"}) {
      ModelOptions options;
      options.backbone = name;
      options.stem = stem;
      const int64_t size = std::max<int64_t>(entry.smallest, stem == "imagenet" ? 65 : 33);  // odd, so that edges matter
      auto file = drawn_model(options, size);
      cases.push_back({name + " " + stem, std::move(file), torch::randn({2, 3, size, size})});
    }
  }
  return cases;
}

std::vector<Case> every_head() {
  std::vector<Case> cases;
  for (int64_t i = 0; i < 3 * 2 * 2 * 2 * 2 * 3; i += 5) {  // 5 has no factor in common with any choice
    ModelOptions options;
    options.backbone = "resnet10_half";
    auto rest = i;
    const auto choose = [&](int64_t n) { return std::exchange(rest, rest / n) % n; };
    for (auto* level : {&options.semantic, &options.instance}) level->experts = 5;
    AggregationOptions how;
    how.experts = 5;
    how.gate = std::vector{"noisy_top_k", "top_k", "dense"}[static_cast<size_t>(choose(3))];
    how.gate_value = choose(2) == 0 ? "kept" : "all";
    how.expert = choose(2) == 0 ? "residual" : "linear";
    how.shared = choose(2) == 1;
    how.fusion = choose(2) == 0 ? "weighted_sum" : "log_sum_exp";
    how.top_k = 1 + choose(3);
    options.semantic = options.instance = how;
    options.instance.top_k = 1 + how.top_k % 3;
    options.instance_on = i % 2 == 0 ? "predictions" : "features";
    options.unit_length = i % 3 != 0;
    options.scale = i % 5 == 0 ? 1 : 8;
    options.learn_scale = i % 4 == 0;
    options.class_shift = i % 7 == 0;
    cases.push_back(
        {fmt::format("head {}: {} {} {} {} {} {}", i, how.gate, how.gate_value, how.expert, how.shared, how.fusion, how.top_k),
         drawn_model(options, 32), torch::randn({i % 7 == 0 ? 7 : 2, 3, 32, 32})});
  }
  return cases;
}

void expect_opencv_agrees(const std::vector<Case>& cases) {
  for (const auto& [name, file, views] : cases) {
    const auto onnx = onnx_of(file);
    const auto expected = said_by_leaf(file, views);
    expect_agreement(said_by_opencv(onnx, views), expected, name);
    expect_agreement(said_by_opencv(onnx, views.slice(0, 1)), {expected.logits.slice(0, 1), expected.probabilities.slice(0, 1)},
                     name + ", one face");
  }
}

void put_tensor(const std::filesystem::path& path, const Tensor& numbers) {
  const auto exact = numbers.contiguous();
  write_file(path, std::string_view(static_cast<const char*>(exact.data_ptr()), exact.nbytes()));
}

Tensor get_tensor(const std::filesystem::path& path, torch::IntArrayRef shape) {
  auto bytes = read_file(path);
  return torch::from_blob(bytes.data(), shape, torch::kFloat32).clone();
}

/// The folder that scripts/onnxruntime fills.
std::filesystem::path onnxruntime_packages() { return std::filesystem::path(LEAF_SOURCE_FOLDER) / "build" / "onnxruntime"; }

bool has_onnxruntime() {
  return std::filesystem::exists(onnxruntime_packages() / "node_modules" / "onnxruntime-node") &&
         std::system("command -v node >/dev/null") == 0;
}

void expect_onnxruntime_agrees(const std::vector<Case>& cases) {
  const TemporaryFolder folder;
  auto command = fmt::format("node '{}/tests/export/onnxruntime.mjs' '{}'", LEAF_SOURCE_FOLDER, onnxruntime_packages().string());
  const auto place = [&](size_t i) { return folder / std::to_string(i); };
  for (size_t i = 0; i < cases.size(); ++i) {
    make_folder(place(i));
    write_file(place(i) / "model.onnx", onnx_of(cases[i].file));
    write_file(place(i) / "shape.json", Json(cases[i].views.sizes().vec()).dump());
    put_tensor(place(i) / "faces.bin", cases[i].views);
    command += " " + place(i).string();
  }
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto expected = said_by_leaf(cases[i].file, cases[i].views);
    const Said found = {get_tensor(place(i) / "logits.bin", expected.logits.sizes()),
                        get_tensor(place(i) / "probabilities.bin", expected.logits.sizes())};
    expect_agreement(found, expected, cases[i].name);
  }
}

#define LEAF_NEEDS_ONNXRUNTIME() \
  if (!has_onnxruntime()) GTEST_SKIP() << "needs node and ONNX Runtime, which scripts/onnxruntime fetches"

/// A model with faces of FERPlus.
Case real_case(const std::string& name, ModelFile file, const std::vector<Image>& faces) {
  const int64_t n = std::ssize(faces), size = file.views.size;
  auto views = torch::empty({n, size, size, 3});
  const auto face = [&](int64_t i) -> const Image& { return faces[static_cast<size_t>(i)]; };
  write_plain_views(n, face, file.views, /*threads=*/2, views.data_ptr<float>());
  return {name, std::move(file), views.permute({0, 3, 1, 2}).contiguous()};
}

std::vector<Image> some_faces(const std::filesystem::path& archive) {
  constexpr size_t kFaces = 32;
  const auto source = open_source(archive);
  const auto names = source->pictures_below("");
  std::vector<Image> faces;
  for (size_t i = 0; i < kFaces; ++i) faces.push_back(decode_image(source->read(names[i * names.size() / kFaces])));
  return faces;
}

TEST(Onnx, OnnxRuntimeSaysTheSameForEveryBackbone) {
  LEAF_NEEDS_ONNXRUNTIME();
  expect_onnxruntime_agrees(every_backbone());
}

TEST(Onnx, OnnxRuntimeSaysTheSameForEveryHead) {
  LEAF_NEEDS_ONNXRUNTIME();
  expect_onnxruntime_agrees(every_head());
}

TEST(Onnx, AllSayTheSameOfRealFaces) {
  LEAF_NEEDS_SHARED(archive, "data/ferplus-train-valid.tar.gz");
  const auto faces = some_faces(archive);
  std::vector<Case> cases = {real_case("drawn numbers", drawn_model({}, 48), faces)};
  if (const auto fetched = fetched_weights("expression.safetensors"); !fetched.empty())
    cases.push_back(real_case("expression.safetensors", load_model(fetched), faces));
  for (auto& each : cases) each.file.model->eval();
  expect_opencv_agrees(cases);
  LEAF_NEEDS_ONNXRUNTIME();
  expect_onnxruntime_agrees(cases);
}

TEST(Onnx, OpenCvSaysTheSameForEveryBackbone) { expect_opencv_agrees(every_backbone()); }
TEST(Onnx, OpenCvSaysTheSameForEveryHead) { expect_opencv_agrees(every_head()); }

TEST(Onnx, SaysWhatAFaceMustBe) {
  ModelOptions options;
  options.backbone = "resnet10_half";
  const auto file = drawn_model(options, 32);
  const auto onnx = onnx_of(file);
  for (const std::string text : {R"(["class 0","class 1")", "[0.485,0.456,0.406]", "[0.229,0.224,0.225]", "deviation", "batch"})
    EXPECT_THAT(onnx, testing::HasSubstr(text));
  EXPECT_EQ(onnx_of(file), onnx);  // the same bytes again
  EXPECT_THAT(onnx, testing::HasSubstr("none: each picture is a face as it is"));
  auto of_photos = file;
  of_photos.views.faces = "found";
  of_photos.views.margin = 0.25;
  EXPECT_THAT(onnx_of(of_photos), testing::HasSubstr("a rim of 0.25 widths of the face"));
}

}  // namespace
}  // namespace leaf
