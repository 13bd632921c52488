#include "leaf/interface/leaf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <thread>

#include "leaf/base/bytes.h"
#include "leaf/data/open.h"
#include "leaf/detection/face_finder.h"
#include "leaf/faces/synthetic/synthetic_face.h"
#include "leaf/pictures/codec.h"
#include "leaf/recognize/recognizer.h"
#include "leaf/views/resize.h"
#include "tests/recognize/drawn_model.h"
#include "tests/shared.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

struct Interface : testing::Test {
  Interface() {
    save_model(path, drawn_model());
    for (int64_t i = 0; i < kFaces; ++i) {
      faces.push_back(synthetic_face({.size = kSize}, i).image);
      pixels.insert(pixels.end(), faces.back().pixels.begin(), faces.back().pixels.end());
    }
    EXPECT_EQ(leaf_open(path.c_str(), nullptr, &model), LEAF_OK) << leaf_error();
  }
  ~Interface() override { leaf_close(model); }

  std::vector<float> predicted() const {
    std::vector<float> result(static_cast<size_t>(kFaces * 7));
    EXPECT_EQ(leaf_predict(model, pixels.data(), kFaces, kSize, kSize, 3, result.data()), LEAF_OK) << leaf_error();
    return result;
  }

  static constexpr int64_t kFaces = 70, kSize = 40;  // more than are recognized at once
  TemporaryFolder folder;
  const std::filesystem::path path = folder / "model.safetensors";
  std::vector<Image> faces;
  std::vector<uint8_t> pixels;  ///< of all faces
  leaf_model* model = nullptr;
};

TEST_F(Interface, SaysWhatTheRecognizerSays) {
  Recognizer recognizer(path);
  const auto expected = recognizer.recognize(faces).contiguous();
  const std::vector<float> numbers(expected.data_ptr<float>(), expected.data_ptr<float>() + expected.numel());
  EXPECT_THAT(predicted(), testing::Pointwise(testing::FloatNear(1e-5F), numbers));
}

TEST_F(Interface, TellsTheModel) {
  EXPECT_EQ(leaf_class_count(model), 7);
  EXPECT_STREQ(leaf_class_name(model, 1), "happiness");
  EXPECT_EQ(leaf_class_name(model, 7), nullptr);
  EXPECT_EQ(leaf_class_name(model, -1), nullptr);
  EXPECT_EQ(leaf_view_size(model), 32);
  EXPECT_THAT(leaf_version(), HasSubstr("."));
}

TEST_F(Interface, ReadsPicturesAndGray) {
  const auto expected = predicted();
  std::array<float, 7> found{};
  const auto file = encode_png(faces[0]);
  ASSERT_EQ(leaf_predict_encoded(model, file.data(), file.size(), found.data()), LEAF_OK) << leaf_error();
  for (size_t c = 0; c < 7; ++c) EXPECT_NEAR(found[c], expected[c], 1e-5);

  const std::vector<uint8_t> gray(48 * 40, 90), color(48 * 40 * 3, 90);
  std::array<float, 7> of_color{};
  ASSERT_EQ(leaf_predict(model, gray.data(), 1, 48, 40, 1, found.data()), LEAF_OK);
  ASSERT_EQ(leaf_predict(model, color.data(), 1, 48, 40, 3, of_color.data()), LEAF_OK);
  EXPECT_EQ(found, of_color);
  EXPECT_EQ(leaf_predict(model, nullptr, 0, 48, 40, 3, nullptr), LEAF_OK);  // nothing to do
}

TEST_F(Interface, ServesSeveralThreads) {
  const auto expected = predicted();
  std::vector<std::vector<float>> found(4);
  std::vector<std::thread> threads;
  for (auto& each : found) threads.emplace_back([&] { each = predicted(); });
  for (auto& thread : threads) thread.join();
  for (const auto& each : found) EXPECT_THAT(each, testing::Pointwise(testing::FloatNear(1e-5F), expected));
}

TEST_F(Interface, SaysWhatWentWrong) {
  leaf_model* none = nullptr;
  EXPECT_EQ(leaf_open((folder / "missing").c_str(), nullptr, &none), LEAF_FAILED);
  EXPECT_THAT(leaf_error(), HasSubstr("missing: there is no such run or model file"));
  EXPECT_EQ(none, nullptr);
  write_file(folder / "none.safetensors", "nothing");
  EXPECT_EQ(leaf_open((folder / "none.safetensors").c_str(), nullptr, &none), LEAF_FAILED);
  EXPECT_EQ(leaf_open(path.c_str(), "int4", &none), LEAF_MISUSED);
  EXPECT_THAT(leaf_error(), HasSubstr("int4"));
  EXPECT_EQ(leaf_open(nullptr, nullptr, &none), LEAF_MISUSED);

  std::array<float, 7> untouched{};
  EXPECT_EQ(leaf_predict_encoded(model, "no picture", 10, untouched.data()), LEAF_FAILED);
  EXPECT_EQ(leaf_predict(model, pixels.data(), 1, 0, 40, 3, untouched.data()), LEAF_MISUSED);
  EXPECT_EQ(leaf_predict(model, pixels.data(), -1, 40, 40, 3, untouched.data()), LEAF_MISUSED);
  EXPECT_EQ(leaf_predict(model, pixels.data(), 1, 40, 40, 4, untouched.data()), LEAF_MISUSED);
  EXPECT_STREQ(leaf_error(), "a picture has 1 or 3 channels, found 4");
  EXPECT_EQ(leaf_predict(nullptr, pixels.data(), 1, 40, 40, 3, untouched.data()), LEAF_MISUSED);
  EXPECT_EQ(leaf_set_threads(-1), LEAF_MISUSED);
  EXPECT_EQ(untouched, (std::array<float, 7>{}));
  std::thread([] { EXPECT_STREQ(leaf_error(), ""); }).join();  // each thread has its own
}

TEST_F(Interface, FindsNoFaceWhereThereIsNone) {
  leaf_finder* finder = nullptr;
  ASSERT_EQ(leaf_open_finder(nullptr, &finder), LEAF_OK) << leaf_error();
  const std::vector<uint8_t> gray(90 * 80, 128);
  int32_t found = -1;
  EXPECT_EQ(leaf_find(finder, nullptr, gray.data(), 90, 80, 1, 0, nullptr, nullptr, &found), LEAF_OK) << leaf_error();
  EXPECT_EQ(found, 0);
  EXPECT_EQ(leaf_find(finder, nullptr, gray.data(), 90, 80, 2, 0, nullptr, nullptr, &found), LEAF_MISUSED);
  EXPECT_EQ(leaf_find(finder, model, gray.data(), 90, 80, 1, 4, nullptr, nullptr, &found), LEAF_MISUSED);
  leaf_close_finder(finder);
  EXPECT_EQ(leaf_open_finder("nowhere", &finder), LEAF_FAILED);
  EXPECT_THAT(leaf_error(), HasSubstr("scripts/weights"));
}

TEST_F(Interface, SaysOfFacesThatAreFoundWhatTheCommandLineSays) {
  LEAF_NEEDS_SHARED(archive, "data/ferplus-train-valid.tar.gz");
  LEAF_NEEDS_FETCHED(package, "face-api");
  const auto source = open_source(archive);
  const auto face = resize(decode_image(source->read(source->pictures_below("").front())), 100, 100);
  Image photo(200, 240, {128, 128, 128});
  for (int64_t y = 0; y < 100; ++y) std::copy_n(face.row(y), 300, photo.row(50 + y) + 60 * 3);
  leaf_finder* finder = nullptr;
  ASSERT_EQ(leaf_open_finder(package.c_str(), &finder), LEAF_OK) << leaf_error();
  std::array<leaf_face, 8> faces{};
  std::array<float, 56> probabilities{};
  int32_t found = 0;
  ASSERT_EQ(leaf_find(finder, model, photo.pixels.data(), 200, 240, 3, 8, faces.data(), probabilities.data(), &found), LEAF_OK)
      << leaf_error();
  leaf_close_finder(finder);
  const auto expected = make_face_finder(package, {}).find(photo);
  ASSERT_EQ(found, std::ssize(expected));
  for (int32_t i = 0; i < found; ++i) {
    EXPECT_FLOAT_EQ(faces[i].left, static_cast<float>(expected[i].box.left));
    EXPECT_NEAR(std::accumulate(&probabilities[i * 7], &probabilities[i * 7] + 7, 0.0), 1, 1e-5);
  }
}

}  // namespace
}  // namespace leaf
