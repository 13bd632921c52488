#include "leaf/runs/teacher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "leaf/batches/loader.h"
#include "tests/runs/tinted.h"
#include "tests/temporary.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Teaching : testing::Test {
  /// A network with drawn weights that knows these classes.
  Teaching() {
    torch::manual_seed(3);
    file.options.backbone = "resnet10_half";
    file.options.scale = 16;
    file.views.size = 16;
    file.classes = {"fear", "surprise", "neutral", "happiness"};
    file.model = make_model(file.options, 4, 16);
    file.model->eval();
    path = (folder / "model.safetensors").string();
    save_model(path, file);
    int64_t next = 0;
    faces = tinted_pool(tinted_dataset(30), {10, 10, 10}, next);
  }

  /// p [n, 4] in the teacher's own order.
  torch::Tensor own() {
    const torch::NoGradGuard no_gradient;
    const auto views = plain_views(faces, 0, faces.size(), file.views);
    return (file.model->forward(views).probabilities() + file.model->forward(views.flip(3)).probabilities()) / 2;
  }
  torch::Tensor judged(const std::vector<std::string>& classes, const std::vector<double>& labeled) {
    return Teacher(path, classes, labeled).judge(faces, "faces", silent);
  }

  TemporaryFolder folder;
  ModelFile file;
  std::string path;
  Pool faces;
  Observer silent;
};

TEST_F(Teaching, MatchesClassesByName) {
  const auto p = own();
  const std::vector<double> even(4, 0.25);
  EXPECT_TRUE(near(judged(file.classes, even), p.log()));
  EXPECT_TRUE(
      near(judged({"neutral", "happiness", "surprise", "fear"}, even), p.index_select(1, torch::tensor({2, 3, 1, 0})).log()));
  EXPECT_THAT(Teacher(path, file.classes, even).unknown(), IsEmpty());
}

TEST_F(Teaching, LeavesOutWhatTheRunDoesNotKnow) {
  const auto p = own().index_select(1, torch::tensor({2, 1}));
  EXPECT_TRUE(near(judged({"neutral", "surprise"}, {0.5, 0.5}), (p / p.sum(1, true)).log()));
}

TEST_F(Teaching, GivesAClassThatItDoesNotKnowItsShareAmongTheLabels) {
  const auto p = own().index_select(1, torch::tensor({2, 1}));
  const Teacher teacher(path, {"neutral", "disgust", "surprise", "contempt"}, {0.5, 0.2, 0.3, 0});
  EXPECT_THAT(teacher.unknown(), ElementsAre("disgust", "contempt"));
  const auto found = judged({"neutral", "disgust", "surprise", "contempt"}, {0.5, 0.2, 0.3, 0}).exp();
  EXPECT_TRUE(near(found.sum(1), torch::ones({faces.size()})));
  EXPECT_TRUE(near(found.select(1, 1), torch::full({faces.size()}, 0.2)));
  EXPECT_TRUE(near(found.select(1, 3), torch::full({faces.size()}, 0.001)));  // no label has it
  EXPECT_TRUE(near(found.select(1, 0) / found.select(1, 2), p.select(1, 0) / p.select(1, 1), 1e-4));
}

TEST_F(Teaching, SaysTheSameOfAMirrorImage) {
  const auto plain = judged(file.classes, {0.25, 0.25, 0.25, 0.25});
  auto mirrored = std::make_shared<Dataset>(*faces.dataset);
  mirrored->faces = std::make_shared<TintedFaces>(30, /*unclear=*/false, /*mirrored=*/true);
  EXPECT_FALSE(mirrored->faces->face(0).pixels == faces.dataset->faces->face(0).pixels);
  faces.dataset = mirrored;
  EXPECT_TRUE(near(judged(file.classes, {0.25, 0.25, 0.25, 0.25}), plain));
}

TEST_F(Teaching, NeedsTwoClassesOfTheSameName) {
  EXPECT_NO_THROW(Teacher(path, {"neutral", "fear", "contempt"}, {0.4, 0.3, 0.3}));
  try {
    Teacher(path, {"neutral", "contempt"}, {0.5, 0.5});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr(path), HasSubstr("knows fear, surprise, neutral, happiness"),
                                             HasSubstr("labeled neutral, contempt"), HasSubstr("choose another teacher")));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
  EXPECT_THROW(Teacher((folder / "missing").string(), {"neutral", "fear"}, {0.5, 0.5}), Error);
}

TEST_F(Teaching, IsAFileOrTheFolderOfARun) {
  Teacher of_folder(folder.path().string(), file.classes, {0.25, 0.25, 0.25, 0.25});
  EXPECT_TRUE(torch::equal(of_folder.judge(faces, "faces", silent), judged(file.classes, {0.25, 0.25, 0.25, 0.25})));
  const auto hash = [](const std::string& source) { return source.substr(source.rfind('(')); };
  const Teacher of_file(path, file.classes, {0.25, 0.25, 0.25, 0.25});
  EXPECT_EQ(hash(of_folder.source()), hash(of_file.source()));
  torch::manual_seed(4);
  file.model = make_model(file.options, 4, 16);
  save_model(path, file);
  EXPECT_NE(Teacher(path, file.classes, {0.25, 0.25, 0.25, 0.25}).source(), of_file.source());
}

TEST_F(Teaching, JudgesNoFaceAndManyAtOnce) {
  faces.rows.clear();
  EXPECT_EQ(judged(file.classes, {0.25, 0.25, 0.25, 0.25}).sizes(), (std::vector<int64_t>{0, 4}));
  int64_t next = 0;
  faces = tinted_pool(tinted_dataset(270), {90, 90, 90}, next);  // three parts of at most 128
  EXPECT_TRUE(near(judged(file.classes, {0.25, 0.25, 0.25, 0.25}), own().log(), 1e-4));
}

TEST_F(Teaching, IsRememberedBesideTheDecodedFaces) {
  const std::vector<double> even(4, 0.25);
  struct Counter : Observer {
    void on_progress(const std::string& /*what*/, int64_t /*done*/, int64_t total) override { asked = total; }
    int64_t asked = 0;
  };
  const auto ask = [&](const Pool& pool, int64_t& asked) {
    Counter counter;
    const auto said = Teacher(path, file.classes, even, (folder / "cache").string()).judge(pool, "faces", counter);
    asked = counter.asked;
    return said;
  };
  int64_t asked = 0;
  Pool some{faces.dataset, {faces.rows.begin(), faces.rows.begin() + 10}};
  const auto first = ask(some, asked);
  EXPECT_EQ(asked, 10);
  const auto all = ask(faces, asked);
  EXPECT_EQ(asked, faces.size() - 10);  // the others alone
  EXPECT_TRUE(torch::equal(all.slice(0, 0, 10), first));
  EXPECT_TRUE(torch::equal(ask(faces, asked), all));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(near(all, judged(file.classes, even)));
}

}  // namespace
}  // namespace leaf
