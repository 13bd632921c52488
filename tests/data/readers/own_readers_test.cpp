// The two readers for faces of one's own: folder and csv; and how a source is named and recognized.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/data/load_dataset.h"
#include "leaf/data/reader.h"
#include "tests/data/archives.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FolderReader, MapsClassFoldersInTheirOrder) {
  TemporaryFolder folder;
  put_face(folder / "happy/b.png");
  put_face(folder / "happy/sub/a.png");
  put_face(folder / "Angry/c.png");
  put_face(folder / "sleepy/d.png");
  put_face(folder / "unlabelled/e.png");
  put_face(folder / "beside.png");
  put(folder / "sleepy/notes.txt", "no picture");
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "folder");
  EXPECT_THAT(listing.classes, ElementsAre("anger", "happiness", "sleepy"));
  EXPECT_THAT(paths_of(listing.records),
              ElementsAre("Angry/c.png", "happy/b.png", "happy/sub/a.png", "sleepy/d.png", "unlabelled/e.png", "beside.png"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 1, 1, 2, kUnlabeled, kUnlabeled));
}

TEST(FolderReader, KnowsParts) {
  TemporaryFolder folder;
  put_face(folder / "Train/sad/a.png");
  put_face(folder / "Train/joy/b.png");
  put_face(folder / "val/sad/c.png");
  put_face(folder / "testing/joy/d.png");
  put_face(folder / "unlabeled/e.png");
  const auto listing = listing_of("folder:" + folder.path().string());
  EXPECT_THAT(listing.classes, ElementsAre("happiness", "sadness"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 1, 1, 0, kUnlabeled));
  EXPECT_EQ(listing.records[2].part, Part::validation);
  EXPECT_EQ(listing.records[3].part, Part::test);
  put_face(folder / "other/f.png");
  EXPECT_THAT(error_of([&] { listing_of("folder:" + folder.path().string()); }),
              HasSubstr("the folder other stands beside Train"));
}

TEST(FolderReader, TakesAPlainFolderAsUnlabeled) {
  TemporaryFolder folder;
  put_face(folder / "b.png");
  put_face(folder / "a.png");
  const auto listing = listing_of(folder.path());
  EXPECT_THAT(listing.classes, IsEmpty());
  EXPECT_THAT(paths_of(listing.records), ElementsAre("a.png", "b.png"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(kUnlabeled, kUnlabeled));
}

TEST(FolderReader, NamesTheFolderThatIsWrong) {
  TemporaryFolder folder;
  const auto error = [&] { return error_of([&] { listing_of("folder:" + folder.path().string()); }); };
  EXPECT_THAT(error(), HasSubstr("no face found; expected CLASS/*.jpg"));
  put_face(folder / "happy/a.png");
  std::filesystem::create_directory(folder / "sad");
  EXPECT_THAT(error(), HasSubstr("the class folder sad holds no picture"));
  std::filesystem::remove(folder / "sad");
  put_face(folder / "joy/a.png");
  EXPECT_THAT(error(), HasSubstr("the folders happy and joy both mean happiness"));
  EXPECT_THAT(error_of([&] { listing_of("folder:" + (folder / "happy/a.png").string()); }),
              HasSubstr("a.png is a file, and no archive that is read; folder needs a folder or an archive"));
  EXPECT_THAT(error_of([&] { listing_of("folder:" + (folder / "nowhere").string()); }), HasSubstr("nowhere does not exist"));
}

struct CsvReaderOf : testing::Test {
  TemporaryFolder folder;
  Listing read(const std::string& text) {
    put(folder / "my.csv", text);
    return listing_of("csv:" + (folder / "my.csv").string());
  }
  std::string error(const std::string& text) {
    return error_of([&] { read(text); });
  }
};
using CsvSource = CsvReaderOf;

TEST_F(CsvSource, ReadsNamesPartsAndQuotes) {
  const auto listing =
      read("\xef\xbb\xbflabel,path,part\r\nsad,\"a, b.png\",\r\n,c.png,train\r\nHAPPY,./d/e.png,test\r\nfear,f.png,val\r\n");
  EXPECT_THAT(listing.classes, ElementsAre("happiness", "sadness", "fear"));
  EXPECT_THAT(paths_of(listing.records), ElementsAre("a, b.png", "c.png", "d/e.png", "f.png"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(1, kUnlabeled, 0, 2));
  EXPECT_EQ(listing.records[2].part, Part::test);
  EXPECT_EQ(listing.records[3].part, Part::validation);
  EXPECT_EQ(listing.records[3].line, 5);
}

TEST_F(CsvSource, ReadsNumbersInTheirOrder) {
  const auto listing = read("path,label\na.png,10\nb.png,2\nc.png,\n");
  EXPECT_THAT(listing.classes, ElementsAre("2", "10"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(1, 0, kUnlabeled));
}

TEST_F(CsvSource, NeedsNoLabels) {
  EXPECT_THAT(labels_of(read("path\na.png\n").records), ElementsAre(kUnlabeled));
  EXPECT_THAT(read("path,label\na.png,ripe\nb.png,green\n").classes, ElementsAre("green", "ripe"));
}

TEST_F(CsvSource, IsRecognizedByItsName) {
  read("path\na.png\n");
  EXPECT_EQ(listing_of(folder / "my.csv").name, "csv");
}

TEST_F(CsvSource, NamesFileAndLineOfAMistake) {
  EXPECT_THAT(error("file,label\na.png,sad\n"),
              HasSubstr("my.csv line 1: there is no column \"path\"; the columns are file, label"));
  EXPECT_THAT(error("path,label\na.png,sad\nb.png,hapiness\n"),
              HasSubstr("my.csv line 3: the label \"hapiness\" is no expression (did you mean \"happiness\"?)"));
  EXPECT_THAT(error("path,label\na.png,1\nb.png,sad\n"), HasSubstr("my.csv line 3: the label must be an integer"));
  EXPECT_THAT(error("path,label\na.png\n"), HasSubstr("my.csv line 2: expected 2 columns"));
  EXPECT_THAT(error("path,label\n,sad\n"), HasSubstr("my.csv line 2: the path is empty"));
  EXPECT_THAT(error("path,part\na.png,sometimes\n"), HasSubstr("my.csv line 2: the part must be"));
  EXPECT_THAT(error("path\n../../etc/passwd\n"), HasSubstr("my.csv line 2: the path ../../etc/passwd leads out"));
  EXPECT_THAT(error("path\n/etc/passwd\n"), HasSubstr("my.csv line 2: the path /etc/passwd is absolute"));
  EXPECT_THAT(error("path,label\na.png,sad\nb.png,fear\na.png,fear\n"),
              HasSubstr("a.png is listed twice with different labels or parts (my.csv line 2) (my.csv line 4)"));
  EXPECT_THAT(error("path\n"), HasSubstr("no face found"));
}

TEST_F(CsvSource, DropsRepeatedLines) {
  const auto listing = read("path,label\na.png,sad\na.png,sad\n");
  EXPECT_EQ(listing.records.size(), 1u);
  EXPECT_THAT(listing.dropped, ElementsAre(HasSubstr("1 faces listed more than once")));
}

TEST(SourceName, SplitsAtTheReader) {
  EXPECT_EQ(parse_source("ferplus:/a/b:c").reader, "ferplus");
  EXPECT_EQ(parse_source("ferplus:/a/b:c").path, "/a/b:c");
  EXPECT_EQ(parse_source("/a/b").reader, "");
  EXPECT_THAT(error_of([] { parse_source("ferpluss:/a"); }),
              HasSubstr("unknown data set \"ferpluss\" (did you mean \"ferplus\"?)"));
  EXPECT_THAT(error_of([] { parse_source("ferplus:"); }), HasSubstr("nothing follows"));
  EXPECT_THAT(error_of([] { parse_source(""); }), HasSubstr("a data set is needed"));
  TemporaryFolder folder;
  put_face(folder / "a:b" / "1.png");
  EXPECT_EQ(listing_of(folder / "a:b").records.size(), 1u);
}

TEST(Recognition, SaysWhatWasLookedFor) {
  TemporaryFolder folder;
  put(folder / "readme.txt", "no faces");
  EXPECT_THAT(error_of([&] { open_data(folder.path()); }),
              testing::AllOf(HasSubstr("layout of no known data set"), HasSubstr("ferplus"), HasSubstr("rafdb")));
  EXPECT_THAT(error_of([&] { open_data(folder / "readme.txt"); }), HasSubstr("layout of no known data set"));
}

TEST(Recognition, TakesAFileForItsFolderOnlyWhereAFileIsMeant) {
  TemporaryFolder folder;
  put(folder / "FER2013Train/label.csv", "a.png,9,0,0,0,0,0,0,0,1,0\n");
  put(folder / "notes.txt", "");
  EXPECT_THAT(error_of([&] { listing_of("ferplus:" + (folder / "notes.txt").string()); }),
              HasSubstr("ferplus needs a folder or an archive"));
  EXPECT_THAT(error_of([&] { listing_of(folder / "notes.txt"); }), HasSubstr("layout of no known data set"));
}

/// A reader whose faces are drawn: as many squares as the text behind the colon says.
const Registration kSquares{readers(), "squares",
                            Reader{.help = "squares", .generate = [](const std::string& text, const DataOptions&) {
                                     Listing listing;
                                     listing.classes = {"dark", "light"};
                                     listing.records.resize(static_cast<size_t>(std::stoi(text)));
                                     for (size_t i = 0; i < listing.records.size(); ++i) {
                                       listing.records[i].path = std::to_string(i);
                                       listing.records[i].label = static_cast<int64_t>(i % 2);
                                     }
                                     listing.picture = [](const Record& record) {
                                       return Image(2, 2, record.label == 0 ? Color{} : Color{255, 255, 255});
                                     };
                                     return listing;
                                   }}};

TEST(GeneratingReader, NeedsNoFiles) {
  const auto dataset = load_dataset("squares:5", {}, 2);
  EXPECT_EQ(dataset.size(), 5);
  EXPECT_EQ(dataset.faces->face(3).pixels[0], 255);
}

TEST(Recognition, EntersTheFolderThatWrapsAnArchive) {
  TemporaryFolder folder;
  put(folder / "a.tar",
      tar({{"FERPlus/FER2013Train/label.csv", "a.png,9,0,0,0,0,0,0,0,1,0\n"}, {"FERPlus/FER2013Train/a.png", gray_png(1)}}));
  for (const std::string name : {"", "ferplus:"}) {
    const auto listing = listing_of(name + (folder / "a.tar").string());
    EXPECT_EQ(listing.name, "ferplus");
    EXPECT_THAT(paths_of(listing.records), ElementsAre("FER2013Train/a.png"));
  }
}

}  // namespace
}  // namespace leaf
