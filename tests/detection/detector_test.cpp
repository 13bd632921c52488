#include "leaf/detection/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "leaf/base/bytes.h"
#include "leaf/data/open.h"
#include "leaf/detection/face_finder.h"
#include "leaf/detection/tiny_face_detector.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/resize.h"
#include "tests/error_of.h"
#include "tests/shared.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(WithoutDoubles, KeepsTheSurestOfFacesThatCoverOneAnother) {
  const auto kept = without_doubles({{{0, 0, 10, 10}, 0.6, {}}, {{1, 0, 10, 10}, 0.9, {}}, {{50, 0, 10, 10}, 0.7, {}}}, 0.4);
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_EQ(kept[0].score, 0.9);
  EXPECT_EQ(kept[1].score, 0.7);
}

/// The pictures of Debian's libdlib19.1 that the package's outputs were recorded on.
const std::filesystem::path kPhotos = "/usr/share/doc/libdlib19.1/examples/faces";

TEST(TinyFaceDetector, FindsWhatThePackageFinds) {
  LEAF_NEEDS_SHARED(recorded, "goldens/face_networks/detections.json");
  LEAF_NEEDS_FETCHED(package, "face-api");
  if (!std::filesystem::exists(kPhotos)) GTEST_SKIP() << "needs " << kPhotos << " of Debian's libdlib19.1";
  const auto golden = nlohmann::json::parse(read_file(recorded));
  const auto detector = make_tiny_face_detector(package, {{golden.at("input_size").get<int64_t>()}, 0.45});
  int64_t missing = 0, all = 0;
  for (const auto& [name, photo] : golden.at("photos").items()) {
    const auto found = detector->detect(read_image(kPhotos / name));
    for (const auto& face : photo.at("faces")) {
      const auto& box = face.at("box");
      const Rectangle expected{box[0], box[1], box[2], box[3]};
      ++all;
      missing += std::none_of(found.begin(), found.end(), [&](const Face& each) {
        return intersection_over_union(each.box, expected) > 0.75 && std::abs(each.score - face.at("score").get<double>()) < 0.04;
      });
    }
  }
  EXPECT_GE(all, 40);
  EXPECT_LE(missing, 1);  // of two anchors with nearly equal scores the package's JPEG decoder makes the other one win
}

/// A face of FERPlus, so large, in a gray photo.
Image photo_of_face(const Image& face, int64_t size) {
  Image photo(300, 400, {128, 128, 128});
  const auto large = resize(face, size, size);
  for (int64_t y = 0; y < size; ++y) std::copy_n(large.row(y), size * 3, photo.row(80 + y) + 120 * 3);
  return photo;
}

TEST(FaceFinder, FindsAndMeasuresFacesOfAnySize) {
  LEAF_NEEDS_SHARED(archive, "data/ferplus-train-valid.tar.gz");
  LEAF_NEEDS_FETCHED(package, "face-api");
  const auto finder = make_face_finder(package, {});
  const auto source = open_source(archive);
  auto names = source->pictures_below("");
  names.resize(20);
  for (const int64_t size : {60, 100, 180}) {
    int64_t found = 0;
    for (const auto& name : names) {
      const auto faces = finder.find(photo_of_face(decode_image(source->read(name)), size));
      if (faces.empty()) continue;
      ++found;
      const auto square = face_square(faces[0], 0);
      EXPECT_NEAR(square.center.x, 120 + static_cast<double>(size) / 2, 0.3 * static_cast<double>(size)) << name;
      EXPECT_NEAR(square.side, size, 0.5 * static_cast<double>(size)) << name;
    }
    EXPECT_GE(found, 10) << size;  // a face that ends in gray is none of the usual
  }
}

TEST(FaceFinder, FallsBackToTheCascade) {
  const TemporaryFolder nothing;
  const auto finder = make_face_finder(nothing / "face-api", {});
  EXPECT_EQ(finder.name(), "OpenCV's Haar cascade; no landmarks");
  EXPECT_THAT(finder.find(Image(100, 100, {128, 128, 128})), SizeIs(0));
  EXPECT_THAT(finder.find(Image()), SizeIs(0));
}

TEST(FaceFinder, SaysWhatItCannotUse) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { make_face_finder(folder / "no", {{}, "tiny_face_detector"}); }), HasSubstr("scripts/weights"));
  EXPECT_THAT(error_of([&] { make_face_finder(folder / "no", {{}, "retina"}); }), HasSubstr("no detector retina"));
  EXPECT_THAT(error_of([&] { make_face_finder(folder / "no", {{}, (folder / "a.onnx").string()}); }), HasSubstr("is no file"));
  write_file(folder / "a.onnx", "no network");
  EXPECT_THAT(error_of([&] { make_face_finder(folder / "no", {{}, (folder / "a.onnx").string()}); }), HasSubstr("2022mar"));
}

TEST(TinyFaceDetector, RefusesWeightsOfAnotherNetwork) {
  LEAF_NEEDS_FETCHED(package, "face-api");
  const TemporaryFolder folder;
  for (const char* part : {"-weights_manifest.json", ".bin"}) {
    std::filesystem::copy_file(
        package / (std::string("face_landmark_68_model") + part),
        folder / (std::string(part) == ".bin" ? "face_landmark_68_model.bin" : "tiny_face_detector_model-weights_manifest.json"));
  }
  EXPECT_THAT(error_of([&] { make_tiny_face_detector(folder.path(), {}); }), HasSubstr("holds another network"));
  EXPECT_THAT(error_of([&] { make_tiny_face_detector(package, {{100}, 0.5}); }), HasSubstr("multiples of 32"));
}

}  // namespace
}  // namespace leaf
