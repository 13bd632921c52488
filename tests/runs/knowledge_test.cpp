#include "leaf/runs/knowledge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/recognize/model_file.h"
#include "leaf/ssl/class_shares.h"
#include "tests/error_of.h"
#include "tests/runs/tinted.h"
#include "tests/temporary.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

struct Notes : Observer {
  void on_note(const std::string& note) override { all.push_back(note); }
  std::vector<std::string> all;
};

struct Finding : testing::Test {
  Finding() {
    config.train.recipe = "scratch";
    config.train.steps = 4000;
    int64_t next = 0;
    const auto dataset = tinted_dataset(1200);
    pools.labeled = tinted_pool(dataset, {10, 10, 10}, next);
    pools.unlabeled = tinted_pool(dataset, {280, 80, 40}, next);
    pools.validation.dataset = pools.test.dataset = dataset;
    make_folder(folder / "run");
  }

  BeginSession begin() {
    return [](const ResolvedConfig& part, const Pools& faces) {
      torch::manual_seed(1);
      return make_session(on_this_machine(part), faces);
    };
  }
  static Session nothing_is_trained(const ResolvedConfig& /*part*/, const Pools& /*faces*/) { throw std::logic_error("trained"); }

  /// A model with drawn weights.
  std::string model(const std::string& name, uint64_t seed) {
    torch::manual_seed(seed);
    ModelFile file;
    file.options.backbone = "resnet10_half";
    file.views.size = 16;
    file.classes = {"surprise", "neutral", "happiness"};
    file.model = make_model(file.options, 3, 16);
    const auto path = folder / name;
    save_model(path, file);
    return path.string();
  }

  std::string refusal(const Json& kept) {
    return error_of([&] { find_out(resolve(config), pools, kept, nothing_is_trained, notes); });
  }

  TemporaryFolder folder;
  Config config = tinted_config();
  Pools pools;
  Notes notes;
  RunFolder run{folder / "run"};
};

TEST_F(Finding, FindsTheSharesOfTheUnlabeledFacesAndKeepsThem) {
  const auto known = find_out(resolve(config), pools, Json::object(), begin(), notes);
  EXPECT_TRUE(near(known.shares, torch::tensor({0.7, 0.2, 0.1}), 0.08)) << known.shares;
  EXPECT_FALSE(known.taught.defined());
  EXPECT_THAT(notes.all, Contains(AllOf(HasSubstr("as estimated: neutral"), HasSubstr("happiness"), HasSubstr("surprise"))));
  keep_knowledge(known, run);
  const auto kept = kept_knowledge(run);
  EXPECT_EQ(kept, known.record);
  const auto again = find_out(resolve(config), pools, kept, nothing_is_trained, notes);
  EXPECT_TRUE(torch::equal(again.shares, known.shares));
  EXPECT_EQ(again.record, known.record);
  EXPECT_EQ(notes.all.size(), 1u) << "said once";
}

TEST_F(Finding, FindsNothingWhereNothingIsAskedFor) {
  config.set("imbalance.shares", Json("labeled"));
  const auto known = find_out(resolve(config), pools, Json::object(), nothing_is_trained, notes);
  EXPECT_FALSE(known.shares.defined());
  EXPECT_FALSE(known.taught.defined());
  keep_knowledge(known, run);
  EXPECT_FALSE(std::filesystem::exists(run.known()));
  EXPECT_EQ(kept_knowledge(run), Json::object());
  EXPECT_TRUE(notes.all.empty());
}

TEST_F(Finding, ExpectsNoSharesWhereOneLabelTellsNothing) {
  pools.labeled.rows.resize(1);
  const auto known = find_out(resolve(config), pools, Json::object(), nothing_is_trained, notes);
  EXPECT_FALSE(known.shares.defined());
  EXPECT_TRUE(known.record.empty());
  EXPECT_THAT(notes.all, Contains(HasSubstr("one label does not tell")));
}

TEST_F(Finding, AsksTheTeacherInsteadOfTrainingNetworks) {
  config.teacher.model = model("teacher.safetensors", 5);
  const auto known = find_out(resolve(config), pools, Json::object(), nothing_is_trained, notes);
  EXPECT_EQ(known.taught.sizes(), (std::vector<int64_t>{pools.unlabeled.size(), 3}));
  EXPECT_TRUE(near(known.taught.sum(1), torch::ones({pools.unlabeled.size()})));
  EXPECT_NEAR(known.shares.sum().item<double>(), 1, 1e-5);
  // Of probabilities under the shares that are expected the mean is these shares (but for what is spread evenly).
  EXPECT_TRUE(near(known.taught.mean(0), known.shares, 0.02)) << known.taught.mean(0) << known.shares;
  const auto& record = known.record.at("teacher");
  EXPECT_THAT(record.at("source").get<std::string>(), HasSubstr("teacher.safetensors ("));
  EXPECT_GT(record.at("temperature").get<double>(), 0);
  EXPECT_EQ(record.at("bias").size(), 3u);
  EXPECT_EQ(record.at("unknown_classes"), Json::array());

  keep_knowledge(known, run);
  const auto again = find_out(resolve(config), pools, kept_knowledge(run), nothing_is_trained, notes);
  EXPECT_TRUE(torch::equal(again.taught, known.taught));
  model("teacher.safetensors", 6);
  EXPECT_THAT(refusal(kept_knowledge(run)), AllOf(HasSubstr("the run began with the teacher"), HasSubstr("begin a new run")));
}

TEST_F(Finding, BelievesATeacherAsItIsWhereSharesAreThoseOfTheLabels) {
  config.teacher.model = model("teacher.safetensors", 5);
  config.set("imbalance.shares", Json("labeled"));
  const auto known = find_out(resolve(config), pools, Json::object(), nothing_is_trained, notes);
  EXPECT_TRUE(known.taught.defined());
  EXPECT_FALSE(known.shares.defined());
  EXPECT_FALSE(known.record.contains("class_shares"));
}

TEST_F(Finding, ReadsNoHiddenLabel) {
  config.teacher.model = model("teacher.safetensors", 5);
  for (const bool with_teacher : {true, false}) {
    if (!with_teacher) {
      config.teacher.model.clear();
      config.train.steps = 100;
    }
    const auto known = find_out(resolve(config), pools, Json::object(), begin(), notes);
    auto other = pools;
    auto dataset = std::make_shared<Dataset>(*pools.labeled.dataset);
    for (const auto row : pools.unlabeled.rows) dataset->records[row].label = (row / 7) % 4 - 1;
    other.labeled.dataset = other.unlabeled.dataset = dataset;
    const auto again = find_out(resolve(config), other, Json::object(), begin(), notes);
    EXPECT_EQ(known.record, again.record);
    if (with_teacher) {
      EXPECT_TRUE(torch::equal(known.taught, again.taught));
    }
  }
}

TEST_F(Finding, RefusesWhatIsDamaged) {
  for (const std::string content : {"", "{", "[]", "3", R"({"class_shares": 1})", R"({"class_shares": [0.5, "a"]})",
                                    R"({"teacher": 3})", R"({"teacher": {"source": 3}})", R"({"teacher": {}})"}) {
    write_file(run.known(), content);
    try {
      kept_knowledge(run);
      FAIL() << content;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("known.json is damaged"), HasSubstr("--force"))) << content;
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
  for (const auto& shares : {Json({0.5, 0.5}), Json({0.5, 0.25, 0.125, 0.125}), Json({0.5, 0.5, 0.0}), Json({2.0, -0.5, -0.5}),
                             Json({1.0, 1.0, 1.0})}) {
    EXPECT_THAT(refusal({{"class_shares", shares}}), HasSubstr("known.json")) << shares;
  }
}

}  // namespace
}  // namespace leaf
