#include "leaf/pictures/open_video.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "tests/error_of.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::HasSubstr;

/// A video of gray frames, each 20 lighter than the one before.
void make_video(const std::filesystem::path& path, int64_t frames) {
  const auto video = create_video(path, 48, 64, 10);
  for (int64_t i = 0; i < frames; ++i) {
    const auto gray = static_cast<uint8_t>(20 * i);
    video->add(Image(48, 64, {gray, gray, gray}));
  }
}

TEST(Video, GivesItsFramesInOrder) {
  const TemporaryFolder folder;
  make_video(folder / "a.avi", 10);
  const auto video = open_video(folder / "a.avi");
  EXPECT_EQ(video->frames(), 10);
  EXPECT_DOUBLE_EQ(video->rate(), 10);
  for (int64_t i = 0; i < 10; ++i) {
    const auto frame = video->next();
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->number, i);
    EXPECT_NEAR(frame->time, static_cast<double>(i) / 10, 1e-3);
    EXPECT_EQ(frame->image.width, 64);
    EXPECT_NEAR(frame->image.row(20)[60], 20 * i, 3);
  }
  EXPECT_FALSE(video->next().has_value());
}

TEST(Video, KeepsRedAndBlueApart) {
  const TemporaryFolder folder;
  create_video(folder / "a.avi", 32, 32, 25)->add(Image(32, 32, {250, 20, 10}));
  const auto frame = open_video(folder / "a.avi")->next();
  ASSERT_TRUE(frame.has_value());
  EXPECT_GT(frame->image.row(8)[0], 200);
  EXPECT_LT(frame->image.row(8)[2], 60);
}

TEST(Video, OpensNothingThatNamesOtherFiles) {
  const TemporaryFolder folder;
  make_video(folder / "a.avi", 2);
  for (const auto* text : {"ffconcat version 1.0\nfile a.avi\n", "#EXTM3U\n#EXTINF:1,\na.avi\n", "http://localhost/a.mp4", ""}) {
    write_file(folder / "list.mp4", text);
    EXPECT_THAT(error_of([&] { open_video(folder / "list.mp4"); }), HasSubstr("list.mp4")) << text;
  }
  EXPECT_THAT(error_of([&] { open_video(folder / "nowhere.mp4"); }), HasSubstr("nowhere.mp4"));
  EXPECT_THAT(error_of([&] { open_video(folder.path()); }), HasSubstr("no file"));
}

TEST(Video, RefusesWhatOnlyBeginsLikeOne) {
  const TemporaryFolder folder;
  write_file(folder / "a.avi", std::string("RIFF\x10\0\0\0AVI LIST", 16));
  EXPECT_THAT(error_of([&] { open_video(folder / "a.avi"); }), HasSubstr("cannot be opened"));
}

TEST(Video, KeepsAFileThatIsThere) {
  const TemporaryFolder folder;
  make_video(folder / "a.avi", 1);
  EXPECT_THAT(error_of([&] { create_video(folder / "a.avi", 48, 64, 10); }), HasSubstr("exists already"));
}

TEST(Camera, SaysWhichOneIsMissing) {
  EXPECT_THAT(error_of([] { open_camera(99); }), HasSubstr("no camera 99"));
}

}  // namespace
}  // namespace leaf
