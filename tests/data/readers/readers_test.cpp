#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/data/expressions.h"
#include "leaf/data/reader.h"
#include "tests/data/archives.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Readers, AreTheExpectedOnes) {
  for (const char* name :
       {"affectnet7", "affectnet8", "ckplus", "csv", "expw", "fer2013", "ferplus", "folder", "rafdb", "sfew"}) {
    ASSERT_TRUE(readers().contains(name)) << name;
    const auto& reader = readers().at(name);
    EXPECT_FALSE(reader.help.empty() || reader.layout.empty()) << name;
    EXPECT_TRUE(reader.recognizes && reader.list) << name;
  }
}

TEST(RafDb, ReadsTheOfficialLayout) {
  TemporaryFolder folder;
  put(folder / "basic/EmoLabel/list_patition_label.txt", "train_00001.jpg 5\ntrain_00002.jpg 1\r\ntest_0001.jpg 7");
  for (const char* name : {"train_00001", "train_00002", "test_0001"})
    put_face(folder / "basic/Image/aligned" / (std::string(name) + "_aligned.jpg"));
  const auto listing = listing_of(folder.path());  // recognized without its name
  EXPECT_EQ(listing.name, "rafdb");
  EXPECT_THAT(listing.classes, ElementsAre("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(4, 0, 6));
  EXPECT_EQ(listing.records[0].path, "basic/Image/aligned/train_00001_aligned.jpg");
  EXPECT_EQ(listing.records[1].part, Part::train);
  EXPECT_EQ(listing.records[2].part, Part::test);
  EXPECT_EQ(listing.records[2].line, 3);
}

TEST(RafDb, ReadsTheAuthorsLayoutWithAThirdColumn) {
  TemporaryFolder folder;
  put(folder / "label/train.txt", "train_00002.jpg 2 0\ntrain_00001.jpg 1 0\n");
  put(folder / "label/test.txt", "test_0001.jpg 3 1\n");
  put_face(folder / "aligned/train_00002_aligned.jpg");
  const auto listing = listing_of("rafdb:" + folder.path().string());
  EXPECT_THAT(labels_of(listing.records), ElementsAre(1, 0, 2));
  EXPECT_EQ(listing.records[2].part, Part::test);
  EXPECT_EQ(listing.records[0].path, "aligned/train_00002_aligned.jpg");
}

TEST(RafDb, ReadsNumberedFoldersInTheOrderOfTheNames) {
  TemporaryFolder folder;
  for (int label = 1; label <= 7; ++label) {
    put_face(folder / fmt::format("DATASET/train/{}/train_{:05}_aligned.jpg", label, 8 - label));
    put_face(folder / fmt::format("DATASET/test/{}/test_{:04}_aligned.jpg", label, label));
  }
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "rafdb");
  EXPECT_THAT(labels_of(listing.records), ElementsAre(6, 5, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(listing.records[0].path, "DATASET/train/7/train_00001_aligned.jpg");
}

TEST(RafDb, NamesFileAndLineOfAMistake) {
  TemporaryFolder folder;
  const auto error = [&](const std::string& list) {
    put(folder / "EmoLabel/list_patition_label.txt", list);
    return error_of([&] { listing_of("rafdb:" + folder.path().string()); });
  };
  EXPECT_THAT(error("train_1.jpg 1\n"), HasSubstr("folder of aligned faces not found; looked for Image/aligned"));
  put_face(folder / "Image/aligned/train_1_aligned.jpg");
  EXPECT_THAT(error("train_1.jpg 1\ntrain_2.jpg 8\n"),
              HasSubstr("list_patition_label.txt line 2: the label must be an integer from 1 to 7, not \"8\""));
  EXPECT_THAT(error("\ntrain_1.jpg\n"), HasSubstr("line 2: expected a picture's name and its label"));
  EXPECT_THAT(error("valid_1.jpg 1\n"), HasSubstr("must begin with train or test"));
  EXPECT_THAT(error(""), HasSubstr("no face found"));
}

TEST(FerPlus, ReadsVotesInItsThreeModes) {
  TemporaryFolder folder;
  put(folder / "data/FER2013Train/label.csv",
      "fer0000000.png,\"(0, 0, 48, 48)\",8,0,0,1,0,0,0,0,1,0\n"
      "fer0000001.png,\"(0, 0, 48, 48)\",5,5,0,0,0,0,0,0,0,0\n"
      "fer0000002.png,0,0,0,0,0,0,0,9,1,0\n");  // as generate_training_data.py writes it, without a box
  put(folder / "data/FER2013Valid/label.csv", "fer0000003.png,\"(0, 0, 48, 48)\",0,0,0,0,0,0,0,1,9,0\n");
  for (int i = 0; i < 3; ++i) put_face(folder / fmt::format("data/FER2013Train/fer{:07}.png", i));
  DataOptions options;
  auto listing = listing_of(folder.path(), options);
  EXPECT_EQ(listing.name, "ferplus");
  EXPECT_EQ(listing.classes, expressions());
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 7));
  EXPECT_THAT(listing.records[0].target, IsEmpty());
  EXPECT_EQ(listing.records[0].path, "data/FER2013Train/fer0000000.png");
  EXPECT_THAT(listing.dropped, Contains(HasSubstr("2 faces without a majority")));
  EXPECT_THAT(listing.dropped, Contains(HasSubstr("no data/FER2013Test/label.csv")));
  options.votes = "probability";
  listing = listing_of(folder.path(), options);
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 0, 7));
  EXPECT_THAT(listing.records[1].target, ElementsAre(0.5f, 0.5f, 0, 0, 0, 0, 0, 0));
  options.votes = "multi_target";
  EXPECT_THAT(listing_of(folder.path(), options).records[1].target, ElementsAre(0.5f, 0.5f, 0, 0, 0, 0, 0, 0));
}

TEST(FerPlus, NamesFileAndLineOfAMistake) {
  TemporaryFolder folder;
  const auto error = [&](const std::string& csv) {
    put(folder / "FER2013Train/label.csv", csv);
    return error_of([&] { listing_of("ferplus:" + folder.path().string()); });
  };
  EXPECT_THAT(error("a.png,8,0,0,1,0,0,0,0,1,0\nb.png,8,0,0,1,0\n"), HasSubstr("FER2013Train/label.csv line 2: expected a name"));
  EXPECT_THAT(error("a.png,8,0,x,1,0,0,0,0,1,0\n"),
              HasSubstr("label.csv line 1: the votes must be numbers from 0 to 1000, not \"x\""));
  EXPECT_THAT(error("a.png,8,0,-1,1,0,0,0,0,1,0\n"), HasSubstr("not \"-1\""));
  EXPECT_THAT(error("a.png,8,0,nan,1,0,0,0,0,1,0\n"), HasSubstr("not \"nan\""));
  std::filesystem::remove_all(folder / "FER2013Train");
  EXPECT_THAT(error_of([&] { listing_of("ferplus:" + folder.path().string()); }),
              HasSubstr("does not look like FERPlus: expected FER2013Train"));
}

std::string fer_pixels(int value) {
  std::string text;
  for (int i = 0; i < 16; ++i) text += fmt::format("{}{}", i == 0 ? "" : " ", value + i);
  return text;
}

TEST(FerPlus, ReadsTheTwoCsvFiles) {
  TemporaryFolder folder;
  put(folder / "fer2013.csv",
      fmt::format("emotion,pixels,Usage\n0,{},Training\n1,{},Training\n2,{},PrivateTest\n3,{},PublicTest\n", fer_pixels(10),
                  fer_pixels(20), fer_pixels(30), fer_pixels(40)));
  put(folder / "fer2013new.csv",
      "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
      "Training,fer0000000.png,9,0,0,0,0,0,0,0,1,0\nTraining,,0,0,0,0,0,0,0,0,0,10\n"
      "PrivateTest,fer0000002.png,0,9,0,0,0,0,0,0,1,0\nPublicTest,fer0000003.png,0,0,9,0,0,0,0,0,1,0\n");
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "ferplus");
  EXPECT_THAT(paths_of(listing.records),
              ElementsAre("FER2013Train/fer0000000.png", "FER2013Valid/fer0000003.png", "FER2013Test/fer0000002.png"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 2, 1));
  const Image image = listing.picture(listing.records[2]);
  EXPECT_EQ(image.height, 4);
  EXPECT_EQ(image.row(0)[0], 30);
  EXPECT_EQ(image.row(3)[11], 45);
  put(folder / "fer2013.csv", "emotion,pixels,Usage\n");
  EXPECT_THAT(error_of([&] { listing_of(folder.path()); }), HasSubstr("fer2013new.csv has 4 rows and fer2013.csv has 0"));
}

TEST(Fer2013, ReadsItsCsvWithColumnsInAnyOrder) {
  TemporaryFolder folder;
  put(folder / "icml_face_data.csv", "emotion, Usage, pixels\n0, Training, " + fer_pixels(1) + "\n6, PublicTest, " +
                                         fer_pixels(2) + "\n3, PrivateTest, 1 2 3\n");
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "fer2013");
  EXPECT_THAT(listing.classes, ElementsAre("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 6, 3));
  EXPECT_THAT(paths_of(listing.records),
              ElementsAre("FER2013Train/fer0000000.png", "FER2013Valid/fer0000001.png", "FER2013Test/fer0000002.png"));
  EXPECT_EQ(listing.picture(listing.records[1]).row(0)[3], 3);
  EXPECT_THAT(error_of([&] { listing.picture(listing.records[2]); }), HasSubstr("line 4: 3 pixels do not make a square"));
}

TEST(Fer2013, TakesAMarkInsideOfItsCsvForACharacter) {
  TemporaryFolder folder;
  put(folder / "fer2013.csv", "by,note,emotion,Usage,pixels\na,b,0,Training,5\n\xef\xbb\xbf\"a,b\",1,Training,9\n");
  const auto listing = listing_of("fer2013:" + folder.path().string());
  ASSERT_EQ(listing.records.size(), 2u);
  EXPECT_EQ(listing.picture(listing.records[1]), Image(1, 1, {9, 9, 9}));
}

TEST(Fer2013, NamesFileAndLineOfAMistake) {
  TemporaryFolder folder;
  const auto error = [&](const std::string& csv) {
    put(folder / "fer2013.csv", csv);
    return error_of([&] {
      const auto listing = listing_of("fer2013:" + (folder / "fer2013.csv").string());
      listing.picture(listing.records.at(0));
    });
  };
  EXPECT_THAT(error("emotion,Usage\n0,Training\n"), HasSubstr("fer2013.csv line 1: there is no column \"pixels\""));
  EXPECT_THAT(error("emotion,pixels,Usage\n7,1,Training\n"),
              HasSubstr("fer2013.csv line 2: the emotion must be an integer from 0 to 6, not \"7\""));
  EXPECT_THAT(error("emotion,pixels,Usage\n0,1,Sometimes\n"), HasSubstr("fer2013.csv line 2: the usage"));
  EXPECT_THAT(error("emotion,pixels,Usage\n0,1 2 3 256,Training\n"),
              HasSubstr("line 2: a pixel must be an integer from 0 to 255, not \"256\""));
  EXPECT_THAT(error(""), HasSubstr("the file is empty"));
}

TEST(Fer2013, ReadsFoldersInItsOwnOrder) {
  TemporaryFolder folder;
  for (const char* name : {"angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"}) {
    put_face(folder / "train" / name / "1.jpg");
    put_face(folder / "test" / name / "2.jpg");
  }
  const auto listing = listing_of("fer2013:" + folder.path().string());
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 1, 2, 3, 6, 4, 5, 0, 1, 2, 3, 6, 4, 5));
  std::filesystem::remove_all(folder / "train/sad");
  EXPECT_THAT(error_of([&] { listing_of("fer2013:" + folder.path().string()); }),
              HasSubstr("there is no folder for the class sadness in train"));
}

TEST(AffectNet, ReadsTheFirstReleaseWithBoxes) {
  TemporaryFolder folder;
  const std::string header =
      "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n";
  put(folder / "training.csv",
      header + "689/a.jpg,1,2,3,4,1;2,0,0.1,0.2\n689/b.jpg,0,0,5,5,1;2,7,0,0\n689/c.jpg,0,0,5,5,1;2,9,-2,-2\n");
  put(folder / "validation.csv", header + "1/d.jpg,0,0,5,5,1;2,6,0,0\n");
  put_face(folder / "Manually_Annotated_Images/689/a.jpg");
  const auto eight = listing_of("affectnet8:" + folder.path().string());
  EXPECT_THAT(eight.classes, ElementsAre("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"));
  EXPECT_THAT(labels_of(eight.records), ElementsAre(0, 7, 6));
  EXPECT_EQ(eight.records[0].box, (Box{1, 2, 3, 4}));
  EXPECT_EQ(eight.records[0].name(), "Manually_Annotated_Images/689/a.jpg#1,2,3,4");
  EXPECT_EQ(eight.records[2].part, Part::test);
  EXPECT_THAT(eight.dropped, ElementsAre(HasSubstr("1 faces marked as none")));
  const auto seven = listing_of("affectnet7:" + folder.path().string());
  EXPECT_EQ(seven.classes.size(), 7u);
  EXPECT_THAT(labels_of(seven.records), ElementsAre(0, 6));
  EXPECT_THAT(error_of([&] { listing_of(folder.path()); }), HasSubstr("may be read as affectnet7 or affectnet8"));
  put(folder / "validation.csv", header + "1/d.jpg,0,0,5,5,1;2,11,0,0\n");
  EXPECT_THAT(error_of([&] { listing_of("affectnet7:" + folder.path().string()); }),
              HasSubstr("validation.csv line 2: the expression must be an integer from 0 to 10"));
}

TEST(AffectNet, ReadsTheSecondReleaseInTheOrderOfItsNumbers) {
  TemporaryFolder folder;
  const auto add = [&](const std::string& set, int id, const std::string& code) {
    put_face(folder / fmt::format("{}/images/{}.jpg", set, id));
    put(folder / fmt::format("{}/annotations/{}_exp.npy", set, id), npy("<U1", "", code + std::string(3, '\0')));
    put(folder / fmt::format("{}/annotations/{}_val.npy", set, id), "not read");
  };
  add("train_set", 10, "1");
  add("train_set", 9, "7");
  add("val_set", 3, "6");
  EXPECT_THAT(labels_of(listing_of("affectnet8:" + folder.path().string()).records), ElementsAre(7, 1, 6));
  const auto seven = listing_of("affectnet7:" + folder.path().string());
  EXPECT_THAT(paths_of(seven.records), ElementsAre("train_set/images/10.jpg", "val_set/images/3.jpg"));
  put(folder / "train_set/annotations/9_exp.npy", "broken");
  EXPECT_THAT(error_of([&] { listing_of("affectnet7:" + folder.path().string()); }),
              HasSubstr("train_set/annotations/9_exp.npy: this is not a NumPy"));
}

TEST(AffectNet, ReadsTheAuthorsFolders) {
  TemporaryFolder folder;
  for (int label = 0; label < 7; ++label) put_face(folder / fmt::format("split_7/{}/{}.jpg", label, label));
  std::string rows;
  for (const char* text : {"x.jpg", "6", "y.jpg", "7"}) {
    std::string wide;
    for (const char* c = text; *c != 0; ++c) wide += std::string(1, *c) + std::string(3, '\0');
    rows += wide + std::string(20 - wide.size(), '\0');
  }
  put(folder / "validation.npy", npy("<U5", "2, 2", rows));
  put_face(folder / "align/x.jpg");
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "affectnet7");
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 1, 2, 3, 4, 5, 6, 6));
  EXPECT_EQ(listing.records[7].path, "align/x.jpg");
  EXPECT_EQ(listing.records[7].part, Part::test);
}

TEST(Sfew, TestsOnItsValidationPart) {
  TemporaryFolder folder;
  for (const char* name : {"Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"}) {
    put_face(folder / "Train/Train_Aligned_Faces" / name / "1.png");
    put_face(folder / "Val" / name / "2.png");
  }
  put_face(folder / "Test/3.png");
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "sfew");
  EXPECT_THAT(listing.classes, ElementsAre("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, kUnlabeled));
  EXPECT_EQ(listing.records[7].part, Part::test);
  EXPECT_EQ(listing.records[14].part, Part::train);
}

TEST(ExpW, ReadsBoxesOfSeveralFacesInAPicture) {
  TemporaryFolder folder;
  put(folder / "label/label.lst", "a.jpg 0 1 2 5 6 80.5 3\na.jpg 1 0 0 3 3 12.1 6\n");
  put_face(folder / "image/origin/a.jpg");
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "expw");
  EXPECT_THAT(labels_of(listing.records), ElementsAre(3, 6));
  EXPECT_EQ(listing.records[0].box, (Box{2, 1, 3, 5}));  // top 1, left 2, right 5, bottom 6
  const auto error = [&](const std::string& list) {
    put(folder / "label/label.lst", list);
    return error_of([&] { listing_of("expw:" + folder.path().string()); });
  };
  EXPECT_THAT(error("a.jpg 0 1 2 5 6 80.5\n"), HasSubstr("label.lst line 1: expected image_name"));
  EXPECT_THAT(error("a.jpg 0 1 2 5 6 80.5 7\n"), HasSubstr("the label must be an integer from 0 to 6"));
  EXPECT_THAT(error("a.jpg 0 1 5 5 6 80.5 1\n"), HasSubstr("is empty"));
}

TEST(CkPlus, TakesTheFirstFrameAsNeutralAndTheLastAsPeak) {
  TemporaryFolder folder;
  for (int i = 1; i <= 3; ++i) put_face(folder / fmt::format("cohn-kanade-images/S005/001/S005_001_{:08}.png", i));
  put(folder / "Emotion/S005/001/S005_001_00000003_emotion.txt", "   3.0000000e+00\n");
  for (int i = 1; i <= 2; ++i) put_face(folder / fmt::format("cohn-kanade-images/S010/002/S010_002_{:08}.png", i));
  const auto listing = listing_of(folder.path());
  EXPECT_EQ(listing.name, "ckplus");
  EXPECT_THAT(listing.classes,
              ElementsAre("neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"));
  EXPECT_THAT(labels_of(listing.records), ElementsAre(0, 3, kUnlabeled));
  EXPECT_EQ(listing.records[1].path, "cohn-kanade-images/S005/001/S005_001_00000003.png");
  EXPECT_EQ(listing.records[1].subject, "S005");
  EXPECT_EQ(listing.records[2].subject, "S010");
  put(folder / "Emotion/S005/001/S005_001_00000003_emotion.txt", "8\n");
  EXPECT_THAT(error_of([&] { listing_of(folder.path()); }),
              HasSubstr("_emotion.txt: the emotion must be a number from 0 to 7, not \"8\""));
}

}  // namespace
}  // namespace leaf
