#include "leaf/photos/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/faces/synthetic/synthetic_face.h"
#include "leaf/photos/overlay.h"
#include "leaf/pictures/codec.h"
#include "leaf/pictures/open_video.h"
#include "tests/photos/finders.h"
#include "tests/recognize/drawn_model.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

struct Predicting : testing::Test {
  Predicting() { save_model(folder / "model.safetensors", drawn_model()); }

  struct Row {
    std::string inside;
    Reading reading;
  };

  std::vector<Row> rows(const std::vector<std::string>& inputs, const PredictOptions& options) {
    Recognizer recognizer(folder / "model.safetensors");
    Album album(inputs, [](const std::string&) {});
    std::vector<Row> all;
    predict(recognizer, album, options, [&](const Sighting& sighting, const std::vector<Reading>& readings) {
      for (const auto& reading : readings) all.push_back({sighting.shot.inside, reading});
    });
    return all;
  }

  TemporaryFolder folder;
  const FaceFinder finder = red_squares();
};

TEST_F(Predicting, HasARowForEachFaceInOrderAndOneWhereThereIsNone) {
  make_folder(folder / "album");
  for (int i = 0; i < 70; ++i) {  // more than are looked at at once
    const auto name = (folder / "album" / std::to_string(100 + i)).string() + ".png";
    if (i % 5 == 4) {
      write_file(name, "no picture");
    } else {
      write_png(name, photo_with(i % 5 == 3 ? std::vector<std::pair<int64_t, int64_t>>{}
                                            : std::vector<std::pair<int64_t, int64_t>>{{0, 0}, {2, 2}}));
    }
  }
  const auto all = rows({folder / "album"}, {.finder = &finder, .threads = 2});
  ASSERT_EQ(all.size(), 70U * 8 / 5);
  size_t row = 0;
  for (int i = 0; i < 70; ++i) {
    for (int face = 0; face < (i % 5 < 3 ? 2 : 1); ++face, ++row) {
      EXPECT_EQ(all[row].inside, std::to_string(100 + i) + ".png");
      EXPECT_EQ(all[row].reading.probabilities.size(), i % 5 < 3 ? 7U : 0U);
      EXPECT_THAT(all[row].reading.remark, HasSubstr(i % 5 < 3 ? "" : i % 5 == 3 ? "no face was found" : ".png"));
    }
  }
}

TEST_F(Predicting, TakesAPictureForAFaceWithoutAFinder) {
  const auto face = synthetic_face({.size = 48}, 5).image;
  write_png(folder / "face.png", face);
  const auto all = rows({folder / "face.png"}, {});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all[0].reading.face.has_value());
  const auto expected = Recognizer(folder / "model.safetensors").recognize({face});
  for (int64_t c = 0; c < 7; ++c) EXPECT_FLOAT_EQ(all[0].reading.probabilities[c], expected[0][c].item<float>());
}

TEST_F(Predicting, FollowsFacesThroughAVideoAndSmooths) {
  {
    const auto video = create_video(folder / "film.avi", 40, 60, 10);
    for (int i = 0; i < 6; ++i) video->add(photo_with({{0, 0}, {2, i < 3 ? 3 : 5}}));
  }
  const auto all = rows({folder / "film.avi"}, {.finder = &finder, .smoothing = 0.5});
  ASSERT_EQ(all.size(), 12U);
  EXPECT_EQ(all[0].reading.track, 0);
  EXPECT_EQ(all[1].reading.track, 1);
  EXPECT_EQ(all[10].reading.track, 0);
  EXPECT_EQ(all[11].reading.track, 2);  // it jumped
  const auto plain = rows({folder / "film.avi"}, {.finder = &finder});
  for (int64_t c = 0; c < 7; ++c) {
    EXPECT_NEAR(all[2].reading.probabilities[c],
                (plain[2].reading.probabilities[c] + 0.5 * plain[0].reading.probabilities[c]) / 1.5, 1e-5);
  }
}

TEST_F(Predicting, DrawsWhatItFound) {
  const auto photo = photo_with({{2, 2}});
  Reading reading;
  reading.face = Face{{20, 20, 10, 10}, 1, {}};
  reading.probabilities = {0, 1, 0, 0, 0, 0, 0};
  const auto drawn = overlay(photo, {reading}, synthetic_classes(7));
  EXPECT_EQ(drawn.width, photo.width);
  EXPECT_NE(drawn.pixels, photo.pixels);
  EXPECT_EQ(overlay(photo, {Reading()}, synthetic_classes(7)).pixels, photo.pixels);
}

}  // namespace
}  // namespace leaf
