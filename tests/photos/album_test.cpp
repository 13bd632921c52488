#include "leaf/photos/album.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/pictures/codec.h"
#include "leaf/pictures/open_video.h"
#include "tests/error_of.h"
#include "tests/photos/finders.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Paths below the folder, with the number of a frame: "b/film.avi#3".
std::vector<std::string> all_of(Album& album, int64_t at_once = 3) {
  std::vector<std::string> names;
  for (;;) {
    const auto shots = album.next(at_once, 1'000'000);
    if (shots.empty()) return names;
    for (const auto& shot : shots) names.push_back(shot.inside + (shot.frame < 0 ? "" : "#" + std::to_string(shot.frame)));
  }
}

TEST(Album, GoesThroughFoldersVideosAndPicturesInOrder) {
  const TemporaryFolder folder;
  make_folder(folder / "all/b");
  write_png(folder / "all/b/2.png", photo_with({}));
  write_png(folder / "all/1.png", photo_with({}));
  write_png(folder / "last.png", photo_with({}));
  write_file(folder / "all/notes.txt", "no picture");
  {
    const auto video = create_video(folder / "all/b/film.avi", 40, 60, 10);
    for (int i = 0; i < 4; ++i) video->add(photo_with({}));
  }
  std::vector<std::string> notes;
  Album album({folder / "all", folder / "last.png"}, [&](const std::string& note) { notes.push_back(note); });
  EXPECT_THAT(all_of(album), ElementsAre("1.png", "b/2.png", "film.avi#0", "film.avi#1", "film.avi#2", "film.avi#3", "last.png"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("1 files were left out")));
  EXPECT_EQ(album.given(), 7);
  EXPECT_EQ(album.known(), 7);
}

TEST(Album, HasAShotForWhatIsNotThere) {
  const TemporaryFolder folder;
  write_file(folder / "bad.mp4", "no video");
  Album album({folder / "nowhere.png", folder / "bad.mp4"}, {});
  const auto shots = album.next(10, 1'000'000);
  ASSERT_EQ(shots.size(), 2U);
  EXPECT_THAT(error_of([&] { shots[0].picture(); }), HasSubstr("nowhere.png"));
  EXPECT_THAT(error_of([&] { shots[1].picture(); }), HasSubstr("bad.mp4"));
}

TEST(Album, SaysThatAVideoIsCutOff) {
  const TemporaryFolder folder;
  {
    const auto video = create_video(folder / "whole.avi", 40, 60, 10);
    for (int i = 0; i < 50; ++i) video->add(photo_with({{i % 4, i % 6}}));
  }
  const auto bytes = read_file(folder / "whole.avi");
  write_file(folder / "cut.avi", bytes.substr(0, bytes.size() / 2));
  Album album({folder / "cut.avi"}, {});
  const auto shots = album.next(100, 1'000'000);
  ASSERT_GT(shots.size(), 2U);
  EXPECT_EQ(shots.front().picture().width, 60);
  EXPECT_THAT(error_of([&] { shots.back().picture(); }), HasSubstr("cut off"));
}

TEST(Album, HoldsFewFramesAtATime) {
  const TemporaryFolder folder;
  {
    const auto video = create_video(folder / "a.avi", 40, 60, 10);
    for (int i = 0; i < 5; ++i) video->add(photo_with({}));
  }
  Album album({folder / "a.avi"}, {});
  EXPECT_EQ(album.next(100, 2 * 40 * 60).size(), 2U);
}

TEST(Album, RefusesCamerasThatAreNoNumber) {
  Album album({"camera:front"}, {});
  EXPECT_THROW(album.next(1, 1), UsageError);
}

}  // namespace
}  // namespace leaf
