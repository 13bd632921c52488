#include "leaf/runs/experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <set>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/stop.h"
#include "leaf/data/load_dataset.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/pictures/codec.h"
#include "leaf/pools/split.h"
#include "leaf/recognize/model_file.h"
#include "leaf/ssl/algorithms.h"
#include "leaf/ssl/class_shares.h"
#include "tests/error_of.h"
#include "tests/runs/tinted.h"
#include "tests/temporary.h"
#include "tests/tensors.h"

namespace leaf {
namespace {

using testing::HasSubstr;

Config tiny_config(const std::string& method = "paper") {
  Config config;
  config.method = method;
  config.data.source = "synthetic:420,size=32";
  config.data.labels = 70;
  config.views.size = 16;
  config.views.padding = 2;
  config.views.workers = 1;
  config.model.backbone = "resnet10_half";
  config.model.stem = "imagenet";
  config.model.scale = 16;
  config.train.steps = 6;
  config.train.epochs = 3;
  config.train.labeled_batch = 8;
  config.train.unlabeled_batch = 8;
  config.train.threads = 1;
  return config;
}

/// Stops a run by an exception after some steps, as a kill would.
class Stopper : public Observer {
 public:
  explicit Stopper(int64_t step) : step_(step) {}
  void on_step(const StepReport& report) override {
    if (report.step == step_) throw std::runtime_error("stopped");
  }

 private:
  int64_t step_;
};

struct Experiment : testing::Test {
  TemporaryFolder folder;
  Observer silent;
  RunFolder run(const std::string& name) const { return {folder / name}; }
  std::string text(const std::filesystem::path& path) const { return read_file(path); }
};

TEST_F(Experiment, WritesTheSameBytesForTheSameSeed) {
  for (const std::string method : {"paper", "reference"}) {
    const auto config = tiny_config(method);
    const auto pools = load_pools(config, silent);
    run_experiment(resolve(config), pools, run(method + "1"), false, silent);
    run_experiment(resolve(config), pools, run(method + "2"), false, silent);
    for (const auto file : {"metrics.jsonl", "model.safetensors", "split.json", "config.toml", "test/confusion.csv",
                            "checkpoints/last.safetensors"}) {
      EXPECT_EQ(text(folder / (method + "1/" + file)), text(folder / (method + "2/" + file))) << file;
    }
  }
}

TEST_F(Experiment, GivesTheSameNumbersWhenItWasStoppedAndContinued) {
  const auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("stopped"), false, stopper), std::runtime_error);
  resume_experiment(run("stopped"), silent);
  for (const auto file : {"metrics.jsonl", "model.safetensors", "test/confusion.csv", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(text(folder / (std::string("whole/") + file)), text(folder / (std::string("stopped/") + file))) << file;
  }
}

/// A signal stops a run between two lines of its journal; continued, it has the bytes of one that was never stopped.
TEST_F(Experiment, StopsAtASignalAndGoesOnToTheSameBytes) {
  auto config = tiny_config();
  config.train.steps = 30;
  config.train.epochs = 2;
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  struct Signaler : Observer {
    std::set<int64_t> at;
    void on_step(const StepReport& report) override {
      if (at.contains(report.step)) ::raise(SIGTERM);
    }
  } signaler;
  signaler.at = {7, 8, 18, 27};
  const auto stopped = run("stopped");
  for (const std::string after : {"7", "8", "18", "27"}) {
    try {
      after == "7" ? run_experiment(resolve(config), pools, stopped, false, signaler) : resume_experiment(stopped, signaler);
      FAIL();
    } catch (const Stopped& reason) {
      EXPECT_EQ(reason.signal(), SIGTERM);
      EXPECT_THAT(reason.what(), HasSubstr("stopped after step " + after + " of 30"));
    }
  }
  resume_experiment(stopped, signaler);
  for (const auto file : {"metrics.jsonl", "model.safetensors", "test/confusion.csv", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(text(folder / (std::string("whole/") + file)), text(folder / (std::string("stopped/") + file))) << file;
  }
}

TEST_F(Experiment, GoesOnFromTheCheckpointBeforeADamagedOne) {
  const auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  struct Listener : Observer {
    std::string notes;
    void on_note(const std::string& text) override { notes += text + "\n"; }
  };
  for (const std::string how : {"a bit", "cut", "empty"}) {
    const auto damaged = run(how);
    Stopper stopper(5);
    EXPECT_THROW(run_experiment(resolve(config), pools, damaged, false, stopper), std::runtime_error);
    auto bytes = text(damaged.last());
    bytes[bytes.size() / 2] ^= 16;
    write_file(damaged.last(), how == "a bit" ? bytes : bytes.substr(0, how == "cut" ? bytes.size() / 2 : 0));
    Listener listener;
    resume_experiment(damaged, listener);
    EXPECT_THAT(listener.notes, HasSubstr("last.safetensors is damaged: "));
    EXPECT_THAT(listener.notes, HasSubstr("goes on from the checkpoint before, after step 2"));
    for (const auto& file : {"metrics.jsonl", "model.safetensors", "checkpoints/last.safetensors"})
      EXPECT_EQ(text(run("whole").root / file), text(damaged.root / file)) << how << " " << file;
  }
  const auto lost = run("lost");
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), pools, lost, false, stopper), std::runtime_error);
  for (const auto& file : {lost.last(), lost.previous()}) write_file(file, "x");
  EXPECT_THROW(resume_experiment(lost, silent), Damage);
}

/// A checksum does not tell a value that somebody has written there on purpose.
TEST_F(Experiment, RefusesStepsThatCannotBe) {
  const auto config = tiny_config();
  run_experiment(resolve(config), load_pools(config, silent), run("run"), false, silent);
  const auto folder = run("run");
  std::filesystem::remove(folder.previous());
  const auto file = read_safetensors(folder.last());
  for (const std::string progress : {R"({"step":-1,"best":0.1,"best_step":2})", R"({"step":7,"best":0.1,"best_step":2})",
                                     R"({"step":1e300,"best":0.1,"best_step":2})", R"({"step":4,"best":0.1,"best_step":5})",
                                     R"({"step":4,"best":"x","best_step":2})", R"({"best":0.1})", "[]"}) {
    auto changed = file;
    changed.metadata["progress"] = progress;
    write_safetensors(folder.last(), changed, /*checksum=*/true);
    EXPECT_THROW(resume_experiment(folder, silent), Error) << progress;
  }
}

TEST_F(Experiment, NamesTheDamagedLineOfAJournal) {
  const auto config = tiny_config();
  run_experiment(resolve(config), load_pools(config, silent), run("run"), false, silent);
  const auto path = run("run").metrics();
  const auto whole = text(path);
  for (const std::string line : {"{", "[]", R"({"event":"steps"})", R"({"event":"epoch","step":2})", R"({"step":"2"})"}) {
    write_file(path, line + "\n" + whole);
    try {
      resume_experiment(run("run"), silent);
      FAIL() << line;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("metrics.jsonl is damaged: ")) << line;
    }
  }
  write_file(path, whole + R"({"event":"st)");  // cut by a crash
  EXPECT_NO_THROW(resume_experiment(run("run"), silent));
}

/// A run means the faces that it began with: from every folder, and not other ones that took their place.
TEST_F(Experiment, KnowsItsFacesAgain) {
  const auto faces = folder / "faces";
  const auto put = [&](int64_t seed) {
    const auto drawn = load_dataset(fmt::format("synthetic:70,size=16,classes=7,seed={}", seed), {}, 1);
    for (int64_t row = 0; row < drawn.size(); ++row) {
      const auto path = faces / fmt::format("{}/{}.png", drawn.records[row].label, row);
      make_folder(path.parent_path());
      write_png(path, drawn.faces->face(row));
    }
  };
  put(0);
  auto config = tiny_config();
  config.data.labels = 28;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  config.data.source = "folder:faces";
  const auto resolved = resolve(config);
  std::filesystem::current_path(before);
  EXPECT_EQ(resolved->data.source, "folder:" + faces.string());
  run_experiment(resolved, load_pools(*resolved, silent), run("run"), false, silent);
  EXPECT_NO_THROW(resume_experiment(run("run"), silent));
  put(1);
  const auto refusal = [&] { return error_of([&] { resume_experiment(run("run"), silent); }); };
  EXPECT_THAT(refusal(), HasSubstr("the pictures of the labeled faces have changed since the run began"));
  auto toml = text(run("run").config());
  const std::string refused = "changed = \"refused\"";
  toml.replace(toml.find(refused), refused.size(), "changed = \"accepted\"");
  write_file(run("run").config(), toml);
  EXPECT_EQ(refusal(), "");
}

/// Killed right after config.toml was written: the rest is made again.
TEST_F(Experiment, BeginsWhereNothingButItsConfigurationIsThere) {
  const auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  make_folder(run("begun").root);
  write_file(run("begun").config(), text(run("whole").config()));
  resume_experiment(run("begun"), silent);
  for (const auto* file : {"split.json", "metrics.jsonl", "model.safetensors", "checkpoints/last.safetensors"})
    EXPECT_EQ(text(run("whole").root / file), text(run("begun").root / file)) << file;
}

/// The pools with another label for every face that the budget leaves out and nobody tests on.
Pools with_other_hidden_labels(Pools pools) {
  const auto other = std::make_shared<Dataset>(*pools.labeled.dataset);
  std::set<int64_t> seen(pools.labeled.rows.begin(), pools.labeled.rows.end());
  seen.insert(pools.test.rows.begin(), pools.test.rows.end());
  for (int64_t row = 0; row < other->size(); ++row) {
    auto& label = other->records[row].label;
    if (!seen.contains(row)) label = (label + 1) % static_cast<int64_t>(other->classes.size());
  }
  pools.labeled.dataset = pools.unlabeled.dataset = other;
  return pools;
}

struct EveryExperiment : Experiment, testing::WithParamInterface<std::string> {};

/// One class has no labeled face, and what is hidden of the unlabeled ones is another class each time.
TEST_P(EveryExperiment, GivesTheSameNumbersWhenItWasStoppedAndContinued) {
  auto config = tiny_config();
  config.data.source = "synthetic:120,size=16";
  config.data.labels = 21;
  config.algorithm = GetParam();
  config.imbalance = {.sampling = "classes", .logit_adjustment = 1};
  auto pools = load_pools(config, silent);
  std::erase_if(pools.labeled.rows, [&](int64_t row) { return pools.labeled.dataset->records[row].label == 2; });
  const bool every_label = algorithms().at(config.algorithm).description.every_label;
  run_experiment(resolve(config), every_label ? pools : with_other_hidden_labels(pools), run("whole"), false, silent);
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("stopped"), false, stopper), std::runtime_error);
  resume_experiment(run("stopped"), silent);
  for (const auto file : {"metrics.jsonl", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(text(folder / (std::string("whole/") + file)), text(folder / (std::string("stopped/") + file))) << file;
  }
}

TEST_F(Experiment, WithARecipeGivesTheSameNumbersWhenItWasStoppedAndContinued) {
  for (const std::string algorithm : {"leaf", "dash", "uda"}) {
    auto config = tiny_config();
    config.train.recipe = "scratch";
    config.set("train.labeled_steps", Json(2));
    config.algorithm = algorithm;
    const auto pools = load_pools(config, silent);
    run_experiment(resolve(config), pools, run(algorithm), false, silent);
    Stopper stopper(5);
    EXPECT_THROW(run_experiment(resolve(config), pools, run(algorithm + "-stopped"), false, stopper), std::runtime_error);
    resume_experiment(run(algorithm + "-stopped"), silent);
    for (const auto file : {"metrics.jsonl", "checkpoints/last.safetensors"}) {
      EXPECT_EQ(text(folder / (algorithm + "/" + file)), text(folder / (algorithm + "-stopped/" + file)))
          << algorithm << " " << file;
    }
    EXPECT_EQ(Json::parse(text(folder / (algorithm + "/test/report.json"))).at("views"),
              2 * 8 + 4 * (8 + 8 * (algorithm == "leaf" ? 3 : 2)));
  }
}

/// A model with drawn weights that knows some of the classes; saved there.
void save_stranger(const std::filesystem::path& path, uint64_t seed) {
  torch::manual_seed(seed);
  ModelFile file;
  file.options.backbone = "resnet10_half";
  file.options.stem = "imagenet";
  file.options.unit_length = false;
  file.options.semantic.enabled = file.options.instance.enabled = false;
  file.views.size = 16;
  file.classes = {"fear", "neutral", "happiness", "contempt", "sadness"};
  file.model = make_model(file.options, 5, 16);
  save_model(path, file);
}

/// What a teacher says, which shares are estimated and where the run begins depend on no hidden label, and are the same again.
TEST_F(Experiment, WithATeacherGivesTheSameNumbersWhenItWasStoppedAndContinued) {
  const auto stranger = folder / "stranger.safetensors";
  save_stranger(stranger, 3);
  for (const std::string with : {"teacher", "start", "shares"}) {
    auto config = tiny_config();
    config.train.recipe = with == "start" ? "continued" : "scratch";
    config.imbalance.aim = with == "shares" ? "balanced" : "accuracy";
    if (with != "shares") {
      config.teacher.model = stranger.string();
      config.teacher.batch = 5;
    }
    if (with == "start") config.model.weights = stranger.string();
    config.set("train.labeled_steps", Json(2));
    const auto resolved = resolve(config);
    const auto pools = load_pools(config, silent);
    run_experiment(resolved, with_other_hidden_labels(pools), run(with), false, silent);
    const auto stopped = with + "-stopped";
    for (const int64_t step : {1, 3, 5}) {  // before the first checkpoint, and between two
      Stopper stopper(step);
      const auto go = [&] {
        return step == 1 ? run_experiment(resolved, pools, run(stopped), false, stopper)
                         : resume_experiment(run(stopped), stopper);
      };
      EXPECT_THROW(go(), std::runtime_error);
    }
    resume_experiment(run(stopped), silent);
    for (const auto file : {"known.json", "metrics.jsonl", "model.safetensors", "test/confusion.csv",
                            "checkpoints/last.safetensors", "config.toml"}) {
      EXPECT_EQ(text(folder / (with + "/" + file)), text(folder / (stopped + "/" + file))) << with << " " << file;
    }
    const auto known = Json::parse(text(run(with).known()));
    EXPECT_EQ(known.at("class_shares").size(), 7u);
    EXPECT_EQ(known.contains("teacher"), with != "shares");
    EXPECT_EQ(Json::parse(text(run(with).report())).at("views"), 2 * (8 + (with == "shares" ? 0 : 5)) + 4 * (8 + 8 * 3));
    if (with == "start") {
      EXPECT_EQ(text(run(with).weights()), text(run(stopped).weights()));
    }
  }
}

TEST_F(Experiment, GoesOnWithTheTeacherThatItBeganWithAlone) {
  const auto stranger = folder / "stranger.safetensors";
  save_stranger(stranger, 3);
  auto config = tiny_config();
  config.train.recipe = "scratch";
  config.teacher.model = stranger.string();
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), load_pools(config, silent), run("run"), false, stopper), std::runtime_error);
  save_stranger(stranger, 4);
  try {
    resume_experiment(run("run"), silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the run began with the teacher"));
  }
  save_stranger(stranger, 3);
  write_file(run("run").known(), "{");
  try {
    resume_experiment(run("run"), silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("known.json is damaged"));
  }
}

/// Labels are as they come, 75, 19 and 6 of a hundred.
TEST_F(Experiment, AimsTheFinishedModelAndNotItsTraining) {
  int64_t next = 0;
  const auto dataset = tinted_dataset(1200, /*unclear=*/true);
  Pools pools;
  pools.labeled = tinted_pool(dataset, {240, 60, 20}, next);
  pools.test = tinted_pool(dataset, {80, 80, 80}, next);
  pools.unlabeled.dataset = pools.validation.dataset = dataset;
  auto config = tinted_config();
  config.algorithm = "supervised";
  config.model.dropout = 0;
  config.model.scale = 16;
  config.optimizer.learning_rate = 1e-3;
  config.average.decay = 0.9;
  config.train.steps = 60;
  config.train.epochs = 2;
  const auto plain = run_experiment(resolve(config), pools, run("accuracy"), false, silent);
  config.imbalance.aim = "balanced";
  const auto aimed = run_experiment(resolve(config), pools, run("balanced"), false, silent);
  EXPECT_GT(aimed.test.balanced_accuracy, plain.test.balanced_accuracy + 0.05);
  EXPECT_EQ(text(run("accuracy").metrics()), text(run("balanced").metrics()));
  const auto wanted = class_shift(torch::full({3}, 1.0 / 3), torch::tensor({0.75, 0.1875, 0.0625}));
  EXPECT_TRUE(near(load_model(run("balanced").model()).model->shift(), wanted));
  const auto last = read_safetensors(run("balanced").last()).tensors;
  EXPECT_TRUE(near(last.at("average.shift"), torch::zeros({3})));
  EXPECT_TRUE(near(last.at("model.shift"), torch::zeros({3})));
  const auto other = read_safetensors(run("accuracy").last()).tensors;
  for (const auto& [name, tensor] : other) EXPECT_TRUE(torch::equal(tensor, last.at(name))) << name;
}

INSTANTIATE_TEST_SUITE_P(All, EveryExperiment, testing::ValuesIn(algorithm_names(/*self_supervised=*/false)),
                         [](const auto& info) { return info.param; });

TEST_F(Experiment, GivesTheSameNumbersWhenAHarderRunWasStoppedAndContinued) {
  auto config = tiny_config();
  config.data.foreign = "synthetic:300,size=16,seed=9";
  config.data.tail = 3;
  config.data.wrong_labels = 0.2;
  config.outliers.reject = "distance";
  const auto pools = load_pools(*resolve(config), silent);
  EXPECT_EQ(pools.labeled.dataset, pools.unlabeled.dataset);
  run_experiment(resolve(config), pools, run("whole"), false, silent);
  Stopper stopper(5);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("stopped"), false, stopper), std::runtime_error);
  resume_experiment(run("stopped"), silent);
  for (const auto file : {"metrics.jsonl", "split.json", "test/confusion.csv", "checkpoints/last.safetensors"}) {
    EXPECT_EQ(text(folder / (std::string("whole/") + file)), text(folder / (std::string("stopped/") + file))) << file;
  }
  EXPECT_THAT(text(run("whole").metrics()), HasSubstr("\"rejected\""));
}

TEST_F(Experiment, HoldsLabelsBackToKnowOutliers) {
  auto request = tiny_config();
  request.data.source = "synthetic:420,size=32,classes=7";
  for (const std::string reject : {"distance", "face_space"}) {
    request.outliers.reject = reject;
    request.data.labels = 70;
    const auto config = resolve(request);
    const auto report = run_experiment(config, load_pools(*config, silent), run(reject), false, silent);
    EXPECT_EQ(report.labels.learned, 63);
    EXPECT_EQ(report.labels.choosing, 7);
    EXPECT_FALSE(report.labels.outside);
    request.data.labels = 14;  // two of each class
    const auto few = resolve(request);
    try {
      run_experiment(few, load_pools(*few, silent), run("few"), false, silent);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("no class has five labels to spare one; raise data.labels, name further faces with"));
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
    EXPECT_FALSE(std::filesystem::exists(run("few").root));
  }
}

TEST_F(Experiment, TakesTheLastAverageWhereNoLabelChooses) {
  const auto config = tiny_config();
  const auto report = run_experiment(resolve(config), load_pools(config, silent), run("run"), false, silent);
  EXPECT_EQ(report.best_step, config.train.steps);
  EXPECT_EQ(report.validation.faces, 0);
  const auto json = Json::parse(text(run("run").report()));
  EXPECT_EQ(json.at("labels"), Json({{"learned", report.labels.learned},
                                     {"choosing", 0},
                                     {"choosing_outside_of_budget", false},
                                     {"test", report.test.faces}}));
  EXPECT_EQ(report.labels.learned, 70);
}

TEST_F(Experiment, ChoosesByFurtherLabelsThatAreNamed) {
  for (const std::string source : {"part", "synthetic:240,size=32,seed=9"}) {
    const auto name = source == "part" ? "part" : "source";
    auto request = tiny_config();
    request.data.validation_source = source;
    request.data.validation_faces = 15;
    const auto config = resolve(request);
    const auto pools = load_pools(*config, silent);
    EXPECT_EQ(pools.labeled.rows, load_pools(tiny_config(), silent).labeled.rows) << "the budget stays whole";
    const auto report = run_experiment(config, pools, run(name), false, silent);
    EXPECT_EQ(report.labels.choosing, 15);
    EXPECT_TRUE(report.labels.outside);
    EXPECT_EQ(report.validation.faces, 15);
    EXPECT_EQ(Json::parse(text(run(name).report())).at("labels").at("choosing_outside_of_budget"), true);
    Stopper stopper(5);
    const auto stopped = run(name + std::string("-stopped"));
    EXPECT_THROW(run_experiment(config, pools, stopped, false, stopper), std::runtime_error);
    resume_experiment(stopped, silent);
    EXPECT_EQ(text(stopped.metrics()), text(run(name).metrics()));
    EXPECT_EQ(text(stopped.model()), text(run(name).model()));
    EXPECT_EQ(Json::parse(text(stopped.report())).at("labels"), Json::parse(text(run(name).report())).at("labels"));
    EXPECT_EQ(load_pools(continued_config(stopped), silent).test.rows, pools.test.rows) << "what leaf eval measures on";
  }
}

TEST_F(Experiment, LearnsFromOneLabel) {
  for (const std::string algorithm : {"leaf", "supervised"}) {
    auto config = tiny_config();
    config.data.labels = 1;
    config.algorithm = algorithm;
    const auto report = run_experiment(resolve(config), load_pools(config, silent), run(algorithm), false, silent);
    EXPECT_EQ(report.labels.learned, 1);
    EXPECT_GT(report.test.faces, 0);
  }
}

/// Two hundred photographs in class folders as somebody had them: one of disgust.
TEST_F(Experiment, LearnsFromOwnFacesAsTheyCame) {
  auto request = tiny_config("");
  request.data.source = "synthetic:420,size=16";
  const auto drawn = load_pools(request, silent).test.dataset;
  int64_t next = 0;
  const auto put = [&](const std::string& name) {
    const auto path = folder / ("faces/" + name);
    make_folder(path.parent_path());
    write_png(path, drawn->faces->face(next++));
  };
  const std::pair<const char*, int> kCounts[] = {{"neutral", 80}, {"happiness", 60}, {"surprise", 30},
                                                 {"sadness", 20}, {"anger", 9},      {"disgust", 1}};
  for (const auto& [name, count] : kCounts) {
    for (int i = 0; i < count; ++i) put(fmt::format("{}/{}.png", name, i));
  }
  for (int i = 0; i < 20; ++i) put(fmt::format("{}.png", i));  // nobody labeled these
  struct Notes : Observer {
    void on_note(const std::string& note) override { all.push_back(note); }
    std::vector<std::string> all;
  } notes;
  request.train.recipe = "scratch";
  request.data.source = "folder:" + (folder / "faces").string();
  request.data.labels = 0;
  for (const std::string algorithm : {"leaf", "supervised"}) {
    request.algorithm = algorithm;
    const auto config = resolve(request);
    EXPECT_EQ(config->imbalance.shares, "labeled");
    const auto pools = load_pools(*config, notes);
    const auto& classes = pools.labeled.dataset->classes;
    const auto place = [&](const std::string& name) { return std::find(classes.begin(), classes.end(), name) - classes.begin(); };
    const auto counts = count_labels(labels_of(pools.labeled), static_cast<int64_t>(classes.size()));
    EXPECT_EQ(counts.at(place("disgust")), 1) << "kept for learning";
    EXPECT_EQ(counts.at(place("neutral")), 64) << "a fifth is tested on";
    EXPECT_THAT(notes.all, testing::Each(testing::Not(HasSubstr("cannot be learned"))));
    const auto report = run_experiment(config, pools, run(algorithm), false, notes);
    EXPECT_EQ(report.labels.learned, 200 - report.test.faces);
    EXPECT_FALSE(report.advice.sentence.empty());
  }
  request.data.test_share = 0;
  const auto untested = run_experiment(resolve(request), load_pools(request, silent), run("untested"), false, silent);
  EXPECT_EQ(untested.labels.learned, 200);
  EXPECT_EQ(untested.test.faces, 0);
  EXPECT_TRUE(run("untested").finished());
  EXPECT_FALSE(std::filesystem::exists(folder / "untested/test/confusion.csv"));
  make_folder(folder / "faces/fear");
  try {
    load_pools(request, silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the class folder fear holds no picture; fill it or remove it"));
  }
}

TEST_F(Experiment, LearnsFromLabeledFacesAsUnlabeledOnesWhereThereAreNoOthers) {
  struct Notes : Observer {
    void on_note(const std::string& text) override { notes.push_back(text); }
    void on_start(const RunStart& start) override { unlabeled = start.unlabeled; }
    std::vector<std::string> notes;
    int64_t unlabeled = 0;
  };
  for (const bool every_label : {true, false}) {
    auto config = tiny_config();
    if (every_label) config.data.labels = 0;
    if (!every_label) config.data.unlabeled_share = 0;
    const auto pools = load_pools(config, silent);
    EXPECT_EQ(pools.unlabeled.size(), 0);
    Notes notes;
    const auto folder = run(every_label ? "every" : "none");
    const auto report = run_experiment(resolve(config), pools, folder, false, notes);
    EXPECT_THAT(notes.notes, testing::Contains(testing::HasSubstr("there is no unlabeled face, so the labeled ones serve")));
    EXPECT_EQ(notes.unlabeled, pools.labeled.size());
    EXPECT_EQ(resume_experiment(folder, silent).test.accuracy, report.test.accuracy);
  }
}

TEST_F(Experiment, LearnsFromEveryLabelWhenTheAlgorithmAsksForThem) {
  auto config = tiny_config();
  config.algorithm = "fully_supervised";
  const auto pools = load_pools(config, silent);
  struct Start : Observer {
    void on_start(const RunStart& start) override { labeled = start.labels.learned; }
    int64_t labeled = 0;
  } start;
  run_experiment(resolve(config), pools, run("run"), false, start);
  EXPECT_EQ(start.labeled, pools.labeled.size() + pools.unlabeled.size());
}

TEST_F(Experiment, RefusesACategoryLevelThatCannotRank) {
  auto config = tiny_config();
  config.set("category.max_positive", std::string_view("7"));
  EXPECT_THROW(run_experiment(resolve(config), load_pools(config, silent), run("run"), false, silent), UsageError);
}

TEST_F(Experiment, KeepsWhatExistsUnlessForced) {
  const auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("run"), false, silent);
  EXPECT_THROW(run_experiment(resolve(config), pools, run("run"), false, silent), Error);
  EXPECT_NO_THROW(run_experiment(resolve(config), pools, run("run"), true, silent));
  make_folder(folder / "mine");
  write_file(folder / "mine/letter.txt", "dear");
  EXPECT_THROW(run_experiment(resolve(config), pools, run("mine"), true, silent), Error);
  EXPECT_EQ(text(folder / "mine/letter.txt"), "dear");
}

TEST_F(Experiment, RefusesAnotherRunsCheckpoint) {
  auto config = tiny_config();
  const auto pools = load_pools(config, silent);
  run_experiment(resolve(config), pools, run("leaf"), false, silent);
  config.algorithm = "supervised";
  run_experiment(resolve(config), pools, run("supervised"), false, silent);
  std::filesystem::copy_file(run("leaf").last(), run("supervised").last(), std::filesystem::copy_options::overwrite_existing);
  try {
    resume_experiment(run("supervised"), silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("algorithm is \"leaf\" there, but \"supervised\" here"));
  }
}

TEST_F(Experiment, RefusesACheckpointOfOtherFaces) {
  auto config = tiny_config();
  config.algorithm = "flexmatch";  // remembers a class for each unlabeled face
  run_experiment(resolve(config), load_pools(config, silent), run("more"), false, silent);
  config.data.source = "synthetic:320,size=32";
  run_experiment(resolve(config), load_pools(config, silent), run("fewer"), false, silent);
  std::filesystem::copy_file(run("more").last(), run("fewer").last(), std::filesystem::copy_options::overwrite_existing);
  try {
    resume_experiment(run("fewer"), silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("unlabeled_faces is "));
  }
}

TEST_F(Experiment, StopsAtALossThatIsNotFinite) {
  auto config = tiny_config();
  config.optimizer.learning_rate = 1e30;  // the first step throws every weight out of float32's range
  const auto pools = load_pools(config, silent);
  try {
    run_experiment(resolve(config), pools, run("run"), false, silent);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the loss term \""));
    EXPECT_THAT(error.what(), HasSubstr("at step 2"));
    EXPECT_THAT(error.what(), HasSubstr("last.safetensors"));
    EXPECT_THAT(error.what(), HasSubstr("learning_rate"));
  }
}

TEST_F(Experiment, LearnsFromAHandfulOfLabels) {
  auto config = tiny_config();
  config.algorithm = "supervised";
  config.views.size = 32;
  config.train.steps = 150;
  config.train.epochs = 5;
  config.train.labeled_batch = 16;
  config.optimizer.learning_rate = 0.0015;
  config.average.decay = 0.95;
  config.model.dropout = 0;
  const auto report = run_experiment(resolve(config), load_pools(config, silent), run("run"), false, silent);
  EXPECT_GT(report.test.accuracy, 0.28);  // chance is 0.14
}

}  // namespace
}  // namespace leaf
