#include "leaf/runs/initial_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/model/backbone.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/recognize/model_file.h"
#include "leaf/runs/experiment.h"
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
  std::string refusal(Config config) {
    try {
      read_initial_weights(config);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
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

}  // namespace
}  // namespace leaf
