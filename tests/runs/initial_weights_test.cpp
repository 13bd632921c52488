#include "leaf/runs/initial_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/model/backbone.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/model/weights.h"
#include "leaf/recognize/model_file.h"
#include "leaf/runs/experiment.h"
#include "leaf/ssl/class_shares.h"
#include "tests/error_of.h"
#include "tests/temporary.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Beginning : testing::Test {
  TemporaryFolder folder;
  Observer silent;

  std::string file(const Tensors& tensors, std::map<std::string, std::string> metadata = {}) {
    const auto path = folder / "weights.safetensors";
    write_safetensors(path, {.tensors = tensors, .metadata = std::move(metadata)});
    return path.string();
  }
  Tensors encoder(const std::string& backbone, const std::string& stem = "imagenet") {
    return collect(*backbones().at(backbone).make(stem));
  }

  Config config(const std::string& weights) {
    Config config;
    config.data.source = "synthetic:120,size=16";
    config.data.labels = 21;
    config.views.size = 16;
    config.views.padding = 2;
    config.train.steps = 2;
    config.train.epochs = 1;
    config.train.labeled_batch = config.train.unlabeled_batch = 4;
    config.train.threads = 1;
    config.optimizer.learning_rate = 0;
    config.average.weight_decay = 0;
    config.model.weights = weights;
    return config;
  }
  std::string refusal(const Config& config) {
    return error_of([&] { read_initial_weights(config); });
  }
};

TEST_F(Beginning, TakesTheEncoderAndItsKindFromTheFile) {
  const auto tensors = encoder("resnet10_half", "small");
  auto all = tensors;
  all["fc.weight"] = torch::zeros({7, 256});
  auto begun = config(file(all, {{"views_seen", "1234"}}));
  const auto weights = read_initial_weights(begun);
  EXPECT_EQ(weights.fit.backbone, "resnet10_half");
  EXPECT_EQ(weights.fit.stem, "small");
  EXPECT_EQ(weights.views_seen, 1234);
  EXPECT_THAT(summary(weights), AllOf(HasSubstr("resnet10_half"), HasSubstr("1234 views"), HasSubstr("fc.weight")));

  run_experiment(resolve(begun), load_pools(begun, silent), {folder / "run"}, false, silent);  // the learning rate is 0
  EXPECT_EQ(run_config({folder / "run"}).model.stem, "small");
  const auto trained = collect(load_model(folder / "run").model->encoder());
  EXPECT_TRUE(near(trained.at("layer1.0.conv1.weight"), tensors.at("layer1.0.conv1.weight"), 1e-6));
}

TEST_F(Beginning, TakesARunsModel) {
  auto first = config("");
  first.model.backbone = "resnet10_half";
  run_experiment(resolve(first), load_pools(first, silent), {folder / "first"}, false, silent);
  auto second = config((folder / "first").string());
  const auto weights = read_initial_weights(second);
  EXPECT_EQ(weights.fit.backbone, "resnet10_half");
  EXPECT_THAT(weights.fit.report.left_over, testing::Contains("head.classifier.weight"));
}

TEST_F(Beginning, RefusesWhatDoesNotFillTheEncoder) {
  auto narrow = encoder("resnet10_half");
  auto chosen = config(file(narrow));
  chosen.set("model.backbone", Json("resnet18"));
  EXPECT_THAT(refusal(chosen), AllOf(HasSubstr("does not fill the encoder resnet18"), HasSubstr("shape")));
  chosen = config(file(narrow));
  chosen.set("model.stem", Json("small"));
  EXPECT_THAT(refusal(chosen), HasSubstr("first layers \"imagenet\", but model.stem is small"));
  narrow.erase("layer3.0.conv1.weight");
  EXPECT_THAT(refusal(config(file(narrow))), HasSubstr("layer3.0.conv1.weight"));
}

TEST_F(Beginning, RefusesWhatIsNoWeights) {
  EXPECT_THAT(refusal(config((folder / "nothing").string())), HasSubstr("there is no such file or run"));
  EXPECT_THAT(refusal(config(folder.path().string())), HasSubstr("is not the folder of a run"));
  write_file(folder / "config.toml", "");
  EXPECT_THAT(refusal(config(folder.path().string())), HasSubstr("has no weights yet"));
  write_file(folder / "text.pth", "hello");
  EXPECT_NE(refusal(config((folder / "text.pth").string())), "");
}

TEST_F(Beginning, IsNotNeededToContinue) {
  auto begun = config(file(encoder("resnet10_half")));
  run_experiment(resolve(begun), load_pools(begun, silent), {folder / "run"}, false, silent);
  std::filesystem::remove(folder / "weights.safetensors");
  EXPECT_NO_THROW(resume_experiment(RunFolder{folder / "run"}, silent));
}

/// Models of the same encoder, one to begin with and one that begins.
struct KeepingTheClassifier : testing::Test {
  KeepingTheClassifier() {
    options.backbone = "resnet10_half";
    options.stem = "imagenet";
    options.dropout = 0;
    options.unit_length = false;
    options.semantic.enabled = options.instance.enabled = false;
    views = torch::randn({5, 3, 16, 16});
  }

  ModelFile old(const ModelOptions& options) {
    torch::manual_seed(1);
    ModelFile file;
    file.options = options;
    file.classes = {"neutral", "happiness", "surprise", "fear"};
    file.model = make_model(options, 4, 16);
    if (file.model->shift().defined()) file.model->shift().copy_(torch::tensor({1.0, -2.0, 0.5, 0.0}));
    file.model->eval();
    return file;
  }
  /// A model of this many classes whose encoder is that of the other one.
  Model begun(const ModelFile& from, const ModelOptions& options, int64_t classes = 4) {
    torch::manual_seed(2);
    auto model = make_model(options, classes, 16);
    Model other = from.model;  // the same network
    load_weights(model->encoder(), collect(other->encoder()));
    model->eval();
    return model;
  }
  std::string obstacle(const ModelOptions& from, const ModelOptions& to, const std::vector<std::string>& classes) {
    const auto file = old(from);
    auto model = begun(file, to, static_cast<int64_t>(classes.size()));
    const auto before = collect_copy(model);
    const auto why = keep_classifier(file, classes, to, model);
    if (!why.empty()) {
      for (const auto& [name, tensor] : collect(*model)) EXPECT_TRUE(torch::equal(tensor, before.at(name))) << name;
    }
    return why;
  }
  static Tensors collect_copy(Model& model) {
    Tensors copies;
    for (const auto& [name, tensor] : collect(*model)) copies[name] = tensor.clone();
    return copies;
  }
  torch::Tensor logits(Model model) {
    const torch::NoGradGuard no_gradient;
    return model->forward(views).logits;
  }

  ModelOptions options;
  torch::Tensor views;
};

TEST_F(KeepingTheClassifier, SaysWhatTheOtherModelSays) {
  const auto from = old(options);
  const auto expected = logits(from.model);
  for (const auto& order : std::vector<std::vector<int64_t>>{{0, 1, 2, 3}, {3, 1, 0, 2}, {2, 0}}) {
    std::vector<std::string> classes;
    for (const auto c : order) classes.push_back(from.classes[c]);
    auto model = begun(from, options, static_cast<int64_t>(classes.size()));
    EXPECT_EQ(keep_classifier(from, classes, options, model), "");
    EXPECT_TRUE(near(logits(model), expected.index_select(1, torch::tensor(order))));
  }
  auto model = begun(from, options, 3);
  EXPECT_EQ(keep_classifier(from, {"surprise", "contempt", "neutral"}, options, model), "");
  const auto found = logits(model);
  EXPECT_TRUE(near(found.select(1, 0), expected.select(1, 2)));
  EXPECT_TRUE(near(found.select(1, 1), torch::zeros({5})));
  EXPECT_TRUE(near(found.select(1, 2), expected.select(1, 0)));
}

TEST_F(KeepingTheClassifier, FoldsShiftsIntoTheBiases) {
  auto shifted = options;
  shifted.class_shift = true;
  const auto from = old(shifted);
  const auto expected = logits(from.model);
  auto plain = begun(from, options);
  EXPECT_EQ(keep_classifier(from, from.classes, options, plain), "");
  EXPECT_TRUE(near(logits(plain), expected));
  auto model = begun(from, shifted);
  const auto own = torch::tensor({-1.0, 0.0, 2.0, 3.0});
  model->shift().copy_(own);
  EXPECT_EQ(keep_classifier(from, from.classes, shifted, model), "");
  EXPECT_TRUE(near(logits(model), expected));
  EXPECT_TRUE(near(model->shift(), own));
}

TEST_F(KeepingTheClassifier, BeginsNewLevelsByChangingNothing) {
  const auto from = old(options);
  for (const std::string on : {"predictions", "features"}) {
    for (const bool shared : {false, true}) {
      auto levels = options;
      levels.semantic.enabled = levels.instance.enabled = true;
      levels.semantic.shared = levels.instance.shared = shared;
      levels.instance_on = on;
      auto model = begun(from, levels);
      EXPECT_FALSE(near(logits(model), logits(from.model), 1e-2));
      EXPECT_EQ(keep_classifier(from, from.classes, levels, model), "");
      EXPECT_TRUE(near(logits(model), logits(from.model))) << on << shared;
    }
  }
}

TEST_F(KeepingTheClassifier, KeepsLevelsAndScale) {
  auto levels = options;
  levels.semantic.enabled = levels.instance.enabled = true;
  levels.unit_length = levels.learn_scale = true;
  levels.scale = 16;
  const auto from = old(levels);
  collect(*from.model).at("head.scale").fill_(9);
  auto model = begun(from, levels);
  EXPECT_EQ(keep_classifier(from, from.classes, levels, model), "");
  EXPECT_TRUE(near(logits(model), logits(from.model)));
}

TEST_F(KeepingTheClassifier, SaysWhyItCannot) {
  const std::vector<std::string> same = {"neutral", "happiness", "surprise", "fear"};
  EXPECT_EQ(obstacle(options, options, {"neutral", "contempt"}), "it knows 1 of the classes");
  auto level = options;
  level.semantic.enabled = true;
  EXPECT_EQ(obstacle(level, options, same), "it has a semantic level");
  auto other = level;
  other.semantic.experts = 4;
  EXPECT_EQ(obstacle(level, other, same), "its semantic level is another one");
  other = options;
  other.instance.enabled = true;
  other.instance.fusion = "log_sum_exp";
  EXPECT_EQ(obstacle(options, other, same), "the instance level cannot begin by changing nothing");
  other = options;
  other.unit_length = true;
  EXPECT_EQ(obstacle(options, other, same), "its features are scaled in another way");
  other = options;
  other.scale = 3;
  EXPECT_EQ(obstacle(options, other, same), "its features have another scale");
  other.learn_scale = true;
  EXPECT_EQ(obstacle(options, other, same), "its features have another scale");
  auto instance = options;
  instance.instance.enabled = true;
  EXPECT_EQ(obstacle(instance, instance, {"neutral", "happiness"}), "its instance level is for other classes");
  other = instance;
  other.instance_on = "features";
  EXPECT_EQ(obstacle(instance, other, same), "its instance level is for other classes");
  EXPECT_EQ(obstacle(instance, instance, same), "");
}

TEST_F(KeepingTheClassifier, IsCalibratedByLabels) {
  auto shifted = options;
  shifted.class_shift = true;
  const auto from = old(shifted);
  auto model = begun(from, shifted);
  const auto shift = torch::tensor({-1.0, 0.0, 2.0, 3.0});
  model->shift().copy_(shift);
  ASSERT_EQ(keep_classifier(from, from.classes, shifted, model), "");
  const torch::NoGradGuard no_gradient;
  const auto before = model->forward(views).unshifted;
  const auto labels = torch::tensor({0, 0, 0, 2, 0});
  const auto wanted = calibrate(before, labels);
  EXPECT_EQ(calibrate_classifier(before, labels, model), wanted.temperature);
  EXPECT_TRUE(near(model->forward(views).unshifted, wanted.apply(before)));
  EXPECT_TRUE(near(logits(model), wanted.apply(before) + shift));
}

/// A run that ended, with the network of the recipe `continued`; its classes are the run's or others.
TEST_F(Beginning, KeepsTheClassifierOfAModelOfExpressions) {
  auto first = config("");
  first.model.backbone = "resnet10_half";
  first.model.unit_length = false;
  first.model.dropout = 0;
  first.algorithm = "supervised";
  first.optimizer.learning_rate = 1e-3;
  first.train.steps = 30;
  const auto ended = run_experiment(resolve(first), load_pools(first, silent), {folder / "first"}, false, silent);

  struct Notes : Observer {
    void on_note(const std::string& note) override { all += note + "\n"; }
    std::string all;
  } notes;
  auto second = config((folder / "first").string());
  second.train.recipe = "continued";
  second.set("optimizer.learning_rate", Json(0.0));
  second.set("train.labeled_steps", Json(0));
  const auto pools = load_pools(second, silent);
  const auto report = run_experiment(resolve(second), pools, {folder / "second"}, false, notes);
  const auto kept = Json::parse(read_file(folder / "second/weights.json"));
  EXPECT_THAT(kept.at("classifier").get<std::string>(), testing::StartsWith("kept, calibrated by the labels (temperature "));
  EXPECT_THAT(notes.all, AllOf(HasSubstr("the classifier is kept"), HasSubstr("before training it has "), HasSubstr("balanced")));
  // Nothing was learned, so that the start is the end.
  EXPECT_NEAR(kept.at("test").at("accuracy").get<double>(), report.test.accuracy, 1e-12);
  EXPECT_NEAR(kept.at("test").at("balanced_accuracy").get<double>(), report.test.balanced_accuracy, 1e-12);
  EXPECT_THAT(report.advice.sentence,
              HasSubstr(fmt::format("it began with {:.1f} %: training brought 0.0 points", 100 * report.test.accuracy)));
  EXPECT_EQ(resume_experiment(RunFolder{folder / "second"}, silent).advice.sentence, report.advice.sentence);

  second.model.classifier = "new";
  run_experiment(resolve(second), pools, {folder / "new"}, false, silent);
  const auto fresh = Json::parse(read_file(folder / "new/weights.json"));
  EXPECT_EQ(fresh.at("classifier"), "new, as asked for");
  EXPECT_FALSE(fresh.contains("test"));
  second.model.classifier = "kept";
  second.set("model.unit_length", Json(true));
  try {
    run_experiment(resolve(second), pools, {folder / "other"}, false, silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("model.classifier = kept"), HasSubstr("scaled in another way"), HasSubstr("leave it out")));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "other"));
  second.model.classifier = "auto";
  run_experiment(resolve(second), pools, {folder / "other"}, false, silent);
  EXPECT_EQ(Json::parse(read_file(folder / "other/weights.json")).at("classifier"),
            "new: its features are scaled in another way");
  auto encoder_alone = config(file(encoder("resnet10_half")));
  run_experiment(resolve(encoder_alone), load_pools(encoder_alone, silent), {folder / "encoder"}, false, silent);
  EXPECT_EQ(Json::parse(read_file(folder / "encoder/weights.json")).at("classifier"), "new: there is none");
}

}  // namespace
}  // namespace leaf
