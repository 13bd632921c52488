#include "leaf/recognize/recognizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/faces/synthetic/synthetic_face.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/model/head.h"
#include "leaf/views/plain_views.h"
#include "tests/instructions.h"
#include "tests/recognize/drawn_model.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

struct Recognition : testing::Test {
  /// A network with drawn weights, saved as a run saves it.
  Recognition() {
    save_model(folder / "model.safetensors", file);
    for (int64_t i = 0; i < 5; ++i) faces.push_back(synthetic_face({.size = 32 + 8 * i}, i).image);
  }

  TemporaryFolder folder;
  ModelFile file = drawn_model();
  std::vector<Image> faces;  ///< of different sizes
};

TEST_F(Recognition, SaysWhatTheNetworkSaysOfPlainViews) {
  Recognizer recognizer(folder / "model.safetensors");
  EXPECT_EQ(recognizer.classes(), file.classes);
  const auto found = recognizer.recognize(faces);
  const int64_t n = static_cast<int64_t>(faces.size()), size = file.views.size;
  auto views = torch::empty({n, size, size, 3});
  const auto face = [&](int64_t i) -> const Image& { return faces[i]; };
  write_plain_views(n, face, file.views, /*threads=*/1, views.data_ptr<float>());
  const torch::NoGradGuard no_gradient;
  const auto expected = file.model->forward(views.permute({0, 3, 1, 2})).probabilities();
  EXPECT_TRUE(torch::allclose(found, expected, 1e-4, 1e-5)) << found << expected;
  EXPECT_TRUE(torch::allclose(found.sum(1), torch::ones({n})));
}

TEST_F(Recognition, TakesAnyNumberOfFaces) {
  Recognizer recognizer(folder.path());
  EXPECT_EQ(recognizer.recognize({}).sizes(), (std::vector<int64_t>{0, 7}));
  const auto all = recognizer.recognize(faces);
  for (size_t i = 0; i < faces.size(); ++i) {
    EXPECT_TRUE(torch::allclose(recognizer.recognize({faces[i]})[0], all[static_cast<int64_t>(i)], 1e-4, 1e-5)) << i;
  }
}

/// The message with which a model with these metadata, in place of its own, is refused.
std::string refusal(const std::filesystem::path& path, const std::string& key, const std::string& value) {
  auto file = read_safetensors(path);
  file.metadata[key] = value;
  write_safetensors(path, file);
  try {
    Recognizer recognizer(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(Recognition, RefusesOptionsThatTheFileDoesNotCarry) {
  const auto path = folder / "model.safetensors";
  EXPECT_THAT(refusal(path, "options", R"({"model": {"backbone": "resnet10_half", "semantic": {"experts": 1024}}})"),
              testing::HasSubstr("is damaged: its options ask for"));
  std::vector<std::string> classes;
  for (int i = 0; i < 4096; ++i) classes.push_back(std::to_string(i));
  EXPECT_THAT(refusal(path, "classes", Json(classes).dump()), testing::HasSubstr("is damaged: its options ask for"));
}

TEST_F(Recognition, RefusesViewsThatCostTooMuch) {
  const auto path = folder / "model.safetensors";
  EXPECT_THAT(refusal(path, "options", R"({"model": {"backbone": "resnet10_half", "stem": "small"}, "views": {"size": 257}})"),
              testing::HasSubstr("views of 257 pixels a side"));
}

TEST_F(Recognition, CountsTheNumbersOfAHead) {
  for (const char* expert : {"linear", "residual"}) {
    for (const char* gate : {"noisy_top_k", "dense"}) {
      for (const char* on : {"predictions", "features"}) {
        ModelOptions options;
        options.semantic.expert = expert;
        options.semantic.gate = gate;
        options.instance.shared = true;
        options.instance_on = on;
        options.learn_scale = true;
        int64_t numbers = 0;
        for (const auto& parameter : ExpressionHead(31, 7, options)->parameters()) numbers += parameter.numel();
        EXPECT_EQ(head_numbers(31, 7, options), static_cast<double>(numbers)) << expert << gate << on;
      }
    }
  }
}

TEST_F(Recognition, SaysTheSameOfShrunkFaces) {
  Recognizer recognizer(folder / "model.safetensors");
  EXPECT_EQ(recognizer.at_once(), 64);
  std::vector<Image> shrunk;
  for (const auto& face : faces) shrunk.push_back(recognizer.shrunk(face));
  EXPECT_EQ(shrunk.back().pixels.size(), 3u * 32 * 32);
  EXPECT_TRUE(torch::equal(recognizer.recognize(shrunk), recognizer.recognize(faces)));
}

TEST_F(Recognition, TakesFloat32WhereBfloat16IsSlow) {
  auto file = drawn_model();
  const std::vector<Image> faces = {synthetic_face({.size = 40}, 1).image, synthetic_face({.size = 40}, 2).image};
  file.options.precision = "float32";
  save_model(folder / "exact.safetensors", file);
  file.options.precision = "bfloat16";
  save_model(folder / "coarse.safetensors", file);
  const KeepInstructions keep;
  limit_instructions(Instructions::kAvx2);
  Recognizer exact(folder / "exact.safetensors"), coarse(folder / "coarse.safetensors");
  EXPECT_TRUE(torch::equal(exact.recognize(faces), coarse.recognize(faces)));
}

TEST_F(Recognition, RefusesFilesThatAreNoModels) {
  write_file(folder / "no.safetensors", "nothing");
  EXPECT_THROW(Recognizer(folder / "no.safetensors"), Error);
  EXPECT_THROW(Recognizer(folder / "missing"), Error);
  make_folder(folder / "empty");
  EXPECT_THROW(Recognizer(folder / "empty"), Error);
}

}  // namespace
}  // namespace leaf
