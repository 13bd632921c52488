#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "leaf/data/load_dataset.h"
#include "leaf/data/votes.h"
#include "leaf/pools/split.h"
#include "tests/data/archives.h"
#include "tests/data/trees.h"
#include "tests/shared.h"

namespace leaf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

std::vector<std::string> texts(const std::vector<LeftOut>& left_out) {
  std::vector<std::string> result;
  for (const auto& each : left_out) result.push_back(each.name + ": " + each.reason);
  return result;
}

TEST(Dataset, KeepsFacesAsTheyAre) {
  TemporaryFolder folder;
  Image color(5, 7, {10, 20, 30});
  color.row(2)[3] = 99;
  put(folder / "sad/color.png", png(color));
  put(folder / "sad/gray.png", gray_png(42, 3, 9));
  const auto dataset = load_dataset("folder:" + folder.path().string(), {}, 2);
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(dataset.faces->size(), 2);
  EXPECT_EQ(dataset.faces->face(0), color);
  EXPECT_EQ(dataset.faces->face(1), Image(3, 9, {42, 42, 42}));
  EXPECT_THAT(texts(dataset.left_out), IsEmpty());
}

TEST(Dataset, TakesPicturesWithFourChannelsAndOfAnySize) {
  TemporaryFolder folder;
  const unsigned char rgba[] = {// 3 x 2, red 10, green 20, blue 30, fully transparent
                                0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
                                0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x06, 0x00, 0x00, 0x00, 0x9d,
                                0x74, 0x66, 0x1a, 0x00, 0x00, 0x00, 0x12, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xe4,
                                0x12, 0x91, 0x63, 0x80, 0x01, 0x26, 0x06, 0x24, 0x00, 0x00, 0x05, 0xda, 0x00, 0x40, 0xf9,
                                0xbb, 0x9d, 0x46, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
  put(folder / "FER2013Train/a.png", std::string(std::begin(rgba), std::end(rgba)));
  put(folder / "FER2013Train/b.png", gray_png(5, 1, 1));
  put(folder / "FER2013Train/c.png", gray_png(6, 48, 30));
  put(folder / "FER2013Train/label.csv", "a.png,9,0,0,0,0,0,0,0,1,0\nb.png,9,0,0,0,0,0,0,0,1,0\nc.png,9,0,0,0,0,0,0,0,1,0\n");
  const auto dataset = load_dataset("ferplus:" + folder.path().string(), {}, 1);
  ASSERT_EQ(dataset.size(), 3);
  EXPECT_EQ(dataset.faces->face(0), Image(2, 3, {128, 128, 128}));
  EXPECT_EQ(dataset.faces->face(1), Image(1, 1, {5, 5, 5}));
  EXPECT_EQ(dataset.faces->face(2), Image(48, 30, {6, 6, 6}));
}

TEST(Dataset, StoresGrayFacesInOneChannel) {
  EXPECT_EQ(pack_face(Image(4, 5, {7, 7, 7})).pixels.size(), 20u);
  EXPECT_EQ(pack_face(Image(4, 5, {7, 7, 8})).pixels.size(), 60u);
  Image late(4, 5, {7, 7, 7});
  late.pixels.back() = 8;
  EXPECT_EQ(pack_face(late).channels, 3);
}

TEST(Dataset, ReducesLargePicturesAndCropsBoxes) {
  TemporaryFolder folder;
  Image picture(40, 80);
  for (int64_t y = 10; y < 20; ++y) std::fill_n(picture.row(y) + 30 * 3, 20 * 3, uint8_t{200});
  put(folder / "origin/a.png", png(picture));
  put(folder / "label.lst", "a.png 0 10 30 50 20 1.0 0\na.png 1 0 0 80 40 1.0 1\na.png 2 -5 -5 999 999 1.0 2\n");
  DataOptions options;
  options.stored_size = 16;
  const auto dataset = load_dataset("expw:" + folder.path().string(), options, 1);
  EXPECT_EQ(dataset.faces->face(0), Image(10, 20, {200, 200, 200}));  // smaller than 16: as it is
  EXPECT_EQ(dataset.faces->face(1).height, 16);
  EXPECT_EQ(dataset.faces->face(1).width, 32);
  EXPECT_EQ(dataset.faces->face(2), dataset.faces->face(1));  // a box that is larger is cut to the picture
}

TEST(Dataset, SkipsABrokenPictureAndSaysSo) {
  TemporaryFolder folder;
  put_ferplus(folder.path(), 40);
  put(folder / "FER2013Train/fer0000003.png", "no picture");
  fs::remove(folder / "FER2013Valid/fer0000041.png");
  const auto dataset = load_dataset("ferplus:" + folder.path().string(), {}, 3);
  EXPECT_EQ(dataset.size(), 78);
  ASSERT_EQ(dataset.left_out.size(), 2u);
  EXPECT_THAT(texts(dataset.left_out)[0], HasSubstr("FER2013Train/fer0000003.png (FER2013Train/label.csv line 4): "));
  EXPECT_THAT(
      texts(dataset.left_out)[1],
      testing::AllOf(HasSubstr("FER2013Valid/fer0000041.png (FER2013Valid/label.csv line 2): "), HasSubstr("No such file")));
  for (int64_t row = 0; row < dataset.size(); ++row) {  // records and faces still belong together
    const int number = std::stoi(dataset.records[row].path.substr(dataset.records[row].path.size() - 11, 7));
    ASSERT_EQ(dataset.faces->face(row).pixels[0], number);
  }
}

TEST(Dataset, StopsAtMoreThanOneInTwentyBroken) {
  TemporaryFolder folder;
  put_ferplus(folder.path(), 40);
  for (int i = 0; i < 4; ++i) put(folder / fmt::format("FER2013Train/fer000000{}.png", i), "no picture");
  EXPECT_EQ(load_dataset("ferplus:" + folder.path().string(), {}, 2).left_out.size(), 4u);  // 4 of 80
  put(folder / "FER2013Train/fer0000004.png", "no picture");
  EXPECT_THAT(error_of([&] { load_dataset("ferplus:" + folder.path().string(), {}, 2); }),
              testing::AllOf(HasSubstr("at least 5 of 80 faces cannot be read, which is more than 5 %"),
                             HasSubstr("FER2013Train/fer0000000.png (FER2013Train/label.csv line 1)")));
}

TEST(Dataset, SkipsTheOnlyBrokenPictureOfAFew) {
  TemporaryFolder folder;
  put_face(folder / "sad/a.png");
  put(folder / "sad/b.png", "no picture");
  EXPECT_EQ(load_dataset("folder:" + folder.path().string(), {}, 1).size(), 1);
  fs::remove(folder / "sad/a.png");
  EXPECT_THAT(error_of([&] { load_dataset("folder:" + folder.path().string(), {}, 1); }),
              HasSubstr("no face can be read: sad/b.png"));
}

TEST(Dataset, TellsWhatItLeavesOut) {
  TemporaryFolder folder;
  for (const std::string name : {"happy/a.png", "happy/b.jfif", "sad/c.png",
                                 "pe\xf1"
                                 "a.png",
                                 "happy/.hidden/d.png"})
    put_face(folder / ("in/" + name));
  for (const std::string name : {"happy/.DS_Store", "happy/notes.txt", "sad/e.gif"}) put(folder / ("in/" + name), "x");
  put_face(folder / "f.png");
  fs::create_symlink("../../f.png", folder / "in/sad/f.png");
  const auto dataset = load_dataset("folder:" + (folder / "in").string(), {}, 1);
  EXPECT_EQ(dataset.size(), 3);
  const auto remarks = remarks_on(dataset);
  for (const std::string remark :
       {"folder: 2 left out, hidden: happy/.DS_Store, happy/.hidden", R"(folder: 1 left out, its name is no UTF-8: pe\xf1a.png)",
        "folder: 2 left out, no picture of a kind that is read: happy/notes.txt, sad/e.gif",
        "folder: 1 left out, a link that leads out of the folder or nowhere: sad/f.png"})
    EXPECT_THAT(remarks, Contains(remark));
}

TEST(Dataset, RefusesAClassThatIsALinkElsewhere) {
  TemporaryFolder folder;
  put_face(folder / "in/happy/a.png");
  put_face(folder / "sad/b.png");
  fs::create_directory_symlink("../sad", folder / "in/sad");
  EXPECT_THAT(error_of([&] { load_dataset("folder:" + (folder / "in").string(), {}, 1); }), HasSubstr("sad is a link"));
  fs::remove(folder / "in/sad");
  fs::create_directory_symlink("happy", folder / "in/happiness");
  EXPECT_THAT(error_of([&] { load_dataset("folder:" + (folder / "in").string(), {}, 1); }), HasSubstr("both mean happiness"));
}

TEST(Dataset, RefusesPartsWithoutOneToLearnFrom) {
  for (const std::string part : {"test", "val", "Test_Set", "dev"}) {
    TemporaryFolder folder;
    put_face(folder / part / "happy/a.png");
    EXPECT_THAT(error_of([&] { load_dataset("folder:" + folder.path().string(), {}, 1); }),
                HasSubstr("there is no folder train beside it"));
    put_face(folder / "training set/happy/a.png");
    EXPECT_EQ(load_dataset("folder:" + folder.path().string(), {}, 1).size(), 2);
  }
}

TEST(Dataset, RefusesAClassWhoseNameIsNoUtf8) {
  TemporaryFolder folder;
  put_face(folder /
           "pe\xf1"
           "a/a.png");
  EXPECT_THAT(error_of([&] { load_dataset("folder:" + folder.path().string(), {}, 1); }), HasSubstr(R"(pe\xf1a is no UTF-8)"));
}

TEST(Dataset, NeverLeavesItsFolder) {
  TemporaryFolder folder;
  put_face(folder / "secret.png", 200);
  put_ferplus(folder / "in", 40);
  fs::remove(folder / "in/FER2013Train/fer0000000.png");
  fs::create_symlink("../../secret.png", folder / "in/FER2013Train/fer0000000.png");
  const auto dataset = load_dataset("ferplus:" + (folder / "in").string(), {}, 1);
  EXPECT_THAT(texts(dataset.left_out), ElementsAre(HasSubstr("leads out of")));
  put(folder / "in/FER2013Test/label.csv", "../../secret.png,9,0,0,0,0,0,0,0,1,0\n");
  EXPECT_THAT(
      texts(load_dataset("ferplus:" + (folder / "in").string(), {}, 1).left_out),
      Contains(HasSubstr("FER2013Test/label.csv line 1): cannot be read: the path FER2013Test/../../secret.png leads out")));
}

TEST(Dataset, IsTheSameFromAFolderAndAnArchiveOnAnyNumberOfThreads) {
  TemporaryFolder folder;
  put_ferplus(folder / "in", 24);
  std::vector<TarEntry> entries;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "in")) {
    if (entry.is_regular_file()) entries.push_back({fs::relative(entry.path(), folder / "in").string(), read_file(entry.path())});
  }
  put(folder / "a.tar.gz", gzip(tar(entries)));
  put(folder / "a.zip", zip(entries));
  const auto expected = load_dataset("ferplus:" + (folder / "in").string(), {}, 1);
  EXPECT_EQ(expected.size(), 48);
  for (const char* name : {"a.tar.gz", "a.zip", "in"}) {
    const auto dataset = load_dataset("ferplus:" + (folder / name).string(), {}, 8);
    ASSERT_EQ(dataset.records, expected.records) << name;
    for (int64_t row = 0; row < dataset.size(); ++row) ASSERT_EQ(dataset.faces->face(row), expected.faces->face(row));
  }
}

TEST(Dataset, DropsContemptForSevenClasses) {
  TemporaryFolder folder;
  put(folder / "FER2013Train/label.csv", "a.png,0,0,0,0,0,0,5,5,0,0\nb.png,0,0,0,0,0,0,0,9,0,0\nc.png,0,0,0,0,0,0,9,0,0,0\n");
  for (const char* name : {"a", "b", "c"}) put_face(folder / "FER2013Train" / (std::string(name) + ".png"));
  DataOptions options;
  options.classes = "7";
  options.votes = "probability";
  const auto dataset = load_dataset("ferplus:" + folder.path().string(), options, 1);
  EXPECT_EQ(dataset.classes.size(), 7u);
  EXPECT_THAT(labels_of(dataset.records), ElementsAre(6, 6));
  EXPECT_THAT(dataset.records[0].target, ElementsAre(0, 0, 0, 0, 0, 0, 1));
  EXPECT_THAT(dataset.remarks, Contains(HasSubstr("1 faces that show contempt")));
}

TEST(Dataset, ReadsFacesThatAreNoFiles) {
  TemporaryFolder folder;
  put(folder / "fer2013.csv", "emotion,pixels,Usage\n0,1 2 3 4,Training\n1,1 2 3,Training\n2,9 9 9 9,PublicTest\n");
  const auto dataset = load_dataset(folder.path(), {}, 2);
  EXPECT_EQ(dataset.name, "fer2013");
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(dataset.faces->face(1), Image(2, 2, {9, 9, 9}));
  EXPECT_THAT(texts(dataset.left_out), ElementsAre(HasSubstr("fer2013.csv line 3")));
}

TEST(Dataset, ReportsProgress) {
  TemporaryFolder folder;
  put_ferplus(folder.path(), 16);
  std::vector<int64_t> done;
  load_dataset("ferplus:" + folder.path().string(), {}, 2, [&](int64_t faces, int64_t total) {
    EXPECT_EQ(total, 32);
    done.push_back(faces);
  });
  EXPECT_THAT(done, ElementsAre(32));
}

/// What the data set's own code makes of the label files in the archive: faces of the two parts, faces of each class, and
/// a sum over all faces that depends on every target and on the order.
struct VoteCounts {
  const char* mode;
  int64_t train, validation;
  std::vector<int64_t> classes;
  double sum;
};

TEST(FerPlusArchive, HasTheCountsOfItsAuthorsCode) {
  LEAF_NEEDS_SHARED(path, "data/ferplus-train-valid.tar.gz");
  const VoteCounts expected[] = {{"majority", 25045, 3191, {9913, 8146, 3547, 3370, 2387, 141, 596, 136}, 33778874.0},
                                 {"probability", 27947, 3508, {11418, 8398, 3969, 3851, 2720, 199, 712, 188}, 39558677.519},
                                 {"multi_target", 27667, 3472, {11359, 8382, 3928, 3810, 2649, 179, 665, 167}, 38850340.301}};
  auto opened = open_data("ferplus:" + path.string());
  for (const auto& [mode, train, validation, classes, sum] : expected) {
    DataOptions options;
    options.votes = mode;
    const auto listing = list_faces(opened, options);
    std::map<Part, int64_t> parts;
    double total = 0;
    int64_t position = 0;
    for (const auto& record : listing.records) {
      ++parts[record.part];
      double mean = static_cast<double>(record.label) + 1;
      if (!record.target.empty()) {
        mean = 0;
        for (int c = 0; c < 8; ++c) mean += record.target[c] * (c + 1);
      }
      total += static_cast<double>(++position % 997) * mean;
    }
    EXPECT_EQ(parts[Part::train], train) << mode;
    EXPECT_EQ(parts[Part::validation], validation) << mode;
    EXPECT_EQ(count_labels(labels_of(listing.records), 8), classes) << mode;
    EXPECT_NEAR(total, sum, 2) << mode;  // float32 targets
  }
}

TEST(FerPlusArchive, IsDecodedAsItIs) {
  LEAF_NEEDS_SHARED(path, "data/ferplus-train-valid.tar.gz");
  const auto dataset = load_dataset("ferplus:" + path.string(), {}, 2);
  EXPECT_EQ(dataset.size(), 25045 + 3191);
  EXPECT_THAT(texts(dataset.left_out), IsEmpty());
  for (const int64_t row : {int64_t{0}, dataset.size() - 1}) {
    EXPECT_EQ(dataset.faces->face(row).height, 48);
    EXPECT_EQ(dataset.faces->face(row).width, 48);
  }
}

}  // namespace
}  // namespace leaf
