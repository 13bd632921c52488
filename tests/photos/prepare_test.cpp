#include "leaf/photos/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "leaf/base/bytes.h"
#include "leaf/base/text.h"
#include "leaf/data/load_dataset.h"
#include "leaf/pictures/codec.h"
#include "tests/error_of.h"
#include "tests/photos/finders.h"
#include "tests/temporary.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

struct Preparing : testing::Test {
  Preparing() {
    write(folder / "photos/happy/two.png", {{0, 0}, {2, 3}});
    write(folder / "photos/sad/none.png", {});
    write(folder / "photos/sad/one.png", {{1, 1}});
    options.sighting = {&finder, /*largest=*/false, /*margin=*/0.1, /*size=*/24, /*threads=*/2};
  }

  static void write(const std::filesystem::path& path, const std::vector<std::pair<int64_t, int64_t>>& faces) {
    make_folder(path.parent_path());
    write_png(path, photo_with(faces));
  }

  Prepared run() {
    return prepare({folder / "photos"}, folder / "out", options, {}, [](int64_t, int64_t) {});
  }

  std::vector<std::string> rows() const {
    auto lines = split_words(read_file(folder / "out/faces.csv"), '\n');
    lines.pop_back();  // behind the last line's end
    return lines;
  }

  TemporaryFolder folder;
  const FaceFinder finder = red_squares();
  PrepareOptions options;
};

TEST_F(Preparing, CutsOutEachFaceAndHasARowForEachPicture) {
  const auto made = run();
  EXPECT_EQ(made.pictures, 3);
  EXPECT_EQ(made.faces, 3);
  EXPECT_EQ(made.without, 1);
  const auto source = (folder / "photos/").string();
  EXPECT_THAT(rows(), ElementsAre("path,label,source,frame,time,left,top,width,height,angle,score,points,remark",
                                  "faces/happy/two.png-0.png,happy," + source + "happy/two.png,,,0,0,10,10,0,0.9,,",
                                  "faces/happy/two.png-1.png,happy," + source + "happy/two.png,,,30,20,10,10,0,0.9,,",
                                  ",," + source + "sad/none.png,,,,,,,,,,no face was found",
                                  "faces/sad/one.png-0.png,sad," + source + "sad/one.png,,,10,10,10,10,0,0.9,,"));
  const auto face = read_image(folder / "out/faces/sad/one.png-0.png");
  EXPECT_EQ(face.width, 24);
  EXPECT_EQ(face.row(12)[12 * 3], 255);
  EXPECT_TRUE(std::filesystem::exists(folder / "out/faces.png"));
  EXPECT_EQ(prepared_margin("csv:" + (folder / "out/faces.csv").string()), 0.1);
  EXPECT_EQ(prepared_margin("csv:" + (folder / "photos/faces.csv").string()), std::nullopt);
}

TEST_F(Preparing, IsReadAsADataSet) {
  run();
  DataOptions data;
  data.source = "csv:" + (folder / "out/faces.csv").string();
  const auto dataset = load_dataset(data.source, data, 1, {});
  EXPECT_THAT(dataset.classes, ElementsAre("happiness", "sadness"));
  EXPECT_EQ(dataset.size(), 3);
  ASSERT_THAT(dataset.left_out, SizeIs(1));
  EXPECT_EQ(dataset.left_out[0].reason, "no face was found");
}

TEST_F(Preparing, LooksOnlyAtWhatIsNewOrHasChanged) {
  run();
  const auto before = read_file(folder / "out/faces.csv");
  auto again = run();
  EXPECT_EQ(again.known, 3);
  EXPECT_EQ(read_file(folder / "out/faces.csv"), before);
  write(folder / "photos/sad/one.png", {{1, 1}, {0, 0}, {3, 3}});
  std::filesystem::remove(folder / "photos/happy/two.png");
  again = run();
  EXPECT_EQ(again.known, 1);
  EXPECT_EQ(again.faces, 3);
  EXPECT_FALSE(std::filesystem::exists(folder / "out/faces/happy/two.png-0.png"));
  EXPECT_EQ(run().known, 2);
}

TEST_F(Preparing, GoesOnBehindALineThatWasCutOff) {
  run();
  const auto lines = read_file(folder / "out/found.jsonl");
  std::ofstream(folder / "out/found.jsonl", std::ios::trunc) << lines.substr(0, lines.size() - 40);
  std::filesystem::remove(folder / "out/faces.csv");
  EXPECT_EQ(run().known, 2);
  EXPECT_THAT(rows(), SizeIs(5));
  EXPECT_EQ(run().known, 3);
}

TEST_F(Preparing, KeepsARowForABrokenPicture) {
  write_file(folder / "photos/sad/broken.png", "no picture");
  const auto made = run();
  EXPECT_EQ(made.broken, 1);
  EXPECT_THAT(rows()[3], HasSubstr("sad/broken.png"));
  EXPECT_THAT(rows()[3], HasSubstr("broken.png"));
}

TEST_F(Preparing, TakesLabelsOfAList) {
  write_file(folder / "photos/labels.csv", "path,label\nhappy/two.png,anger\n");
  run();
  EXPECT_THAT(rows()[1], HasSubstr("two.png-0.png,anger,"));
  EXPECT_THAT(rows()[4], HasSubstr("one.png-0.png,,"));
}

TEST_F(Preparing, TakesTheLabelsOfTodayForWhatItKnows) {
  run();
  write_file(folder / "photos/labels.csv", "path,label\nhappy/two.png,anger\n");
  EXPECT_EQ(run().known, 3);
  EXPECT_THAT(rows()[1], HasSubstr("two.png-0.png,anger,"));
}

TEST_F(Preparing, LeavesNoFaceThatAPictureHasNoMore) {
  run();
  write(folder / "photos/happy/two.png", {{3, 5}});
  EXPECT_EQ(run().faces, 2);
  EXPECT_TRUE(std::filesystem::exists(folder / "out/faces/happy/two.png-0.png"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out/faces/happy/two.png-1.png"));
}

TEST_F(Preparing, RefusesAFolderOfOtherThings) {
  make_folder(folder / "out");
  write_file(folder / "out/thesis.txt", "mine");
  EXPECT_THAT(error_of([&] { run(); }), HasSubstr("holds something else, thesis.txt"));
  std::filesystem::remove(folder / "out/thesis.txt");
  run();
  options.sighting.size = 32;
  EXPECT_THAT(error_of([&] { run(); }), HasSubstr("another detector, size or margin"));
}

}  // namespace
}  // namespace leaf
