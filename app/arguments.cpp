#include "app/arguments.h"

#include <algorithm>

namespace leaf::app {
namespace {

const auto kFormats = CLI::IsMember({"text", "json", "csv"});

/// A flag that stands for one option of the configuration.
void shortcut(CLI::App& command, ConfigArguments& config, const std::string& flag, const std::string& key,
              const std::string& help) {
  command
      .add_option_function<std::string>(
          flag, [&config, key](const std::string& text) { config.shortcuts.emplace_back(key, text); }, help)
      ->type_name("VALUE");
}

/// One source of faces and how many of them are labeled.
void declare_faces(CLI::App& command, ConfigArguments& config) {
  command.add_option("source", config.source, "faces: NAME:PATH (see `leaf datasets`), or a folder whose layout is recognized");
  shortcut(command, config, "--labels", "data.labels", "every label that is seen, to learn and to choose; 0 = all there are");
}

void declare_data(CLI::App& command, ConfigArguments& config) {
  shortcut(command, config, "--split", "data.split",
           "who chooses them: per_class (evenly), random (as they come), fraction, authors or ada_cm");
  shortcut(command, config, "--split-seed", "data.split_seed", "seed of that choice");
  shortcut(command, config, "--split-file", "data.split_file", "split.json of an earlier run, to use again");
  shortcut(command, config, "--unlabeled", "data.unlabeled", "a second source whose faces are used without labels");
  shortcut(command, config, "--test", "data.test", "a second source to test on");
  shortcut(
      command, config, "--validation", "data.validation_source",
      "further labels, to choose the best epoch by: a source, or part = the validation part of the source (default: none; the "
      "last moving average is the model)");
  shortcut(command, config, "--classes", "data.classes", "all, or 7 to leave contempt out");
  shortcut(command, config, "--votes", "data.votes", "FERPlus votes: majority, probability, crossentropy, multi_target");
  shortcut(command, config, "--cache", "data.cache", "folder for decoded faces (memory-mapped)");
}

/// What learning of every kind can be told.
void declare_learning(CLI::App& command, ConfigArguments& config) {
  declare_data(command, config);
  shortcut(command, config, "--weights", "model.weights",
           "what the encoder begins with: a file of weights, or the folder of a run of training or pretraining");
  shortcut(command, config, "--teacher", "teacher.model",
           "a model of expressions whose probabilities of the unlabeled faces are learned first: a file, or the folder of a run");
  command.add_option("--config", config.config_file, "TOML file; `leaf options` prints one with all defaults");
  command.add_option("--set", config.assignments, "any option, KEY=VALUE; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  shortcut(command, config, "--algorithm", "algorithm.name", "see `leaf algorithms`");
  shortcut(command, config, "--backbone", "model.backbone",
           "resnet18, resnet34, resnet50, resnet10_half, wideresnet28_2, wideresnet28_8");
  shortcut(command, config, "--size", "views.size", "height and width of a view, pixels");
  shortcut(command, config, "--steps", "train.steps", "training steps");
  shortcut(command, config, "--views", "train.views",
           "views to see in all instead of steps, to compare algorithms at equal cost");
  shortcut(command, config, "--epochs", "train.epochs",
           "parts with a checkpoint after each, and validation where there are faces for it");
  shortcut(command, config, "--seed", "train.seed", "seed of weights, order and views");
  shortcut(command, config, "--device", "train.device", "auto, cpu or cuda");
  shortcut(command, config, "--threads", "train.threads", "threads for tensors; 0 = all this process may use");
}

void declare_config(CLI::App& command, ConfigArguments& config) {
  declare_learning(command, config);
  command.add_option(
      "--method", config.method,
      "paper or reference (every switch as the authors' code has it); the published values of all other options with it");
  shortcut(
      command, config, "--recipe", "train.recipe",
      "scratch, pretrained, continued, published, or auto (default without --method): what decides the options that nobody sets");
  command.add_option("--levels", config.levels,
                     "LEAF's levels to use: any of semantic,instance,category, or none (default: all in leaf, none elsewhere)");
}

void declare_train(CLI::App& app, TrainArguments& train) {
  auto& command = *app.add_subcommand("train", "Train on a few labels and many faces");
  declare_faces(command, train.config);
  declare_config(command, train.config);
  command.add_option("-o,--output", train.output, "folder of the run (default: runs/ and a name made of the options)");
  command.add_option("--resume", train.resume, "continue the run in this folder");
  command
      .add_option("--pretrain", train.pretrain,
                  "first learn from the faces alone for so many steps (SimCLR), in the folder pretraining of the run, and begin "
                  "with that")
      ->check(CLI::Range(1, 1000000000));
  command.add_flag(
      "--baseline", train.baseline,
      "first train supervised learning on the same labeled faces, in the folder baseline of the run, to compare with");
  command.add_flag("--force", train.force, "replace the run in the output folder");
  command.add_flag("--print-config", train.print_config, "print the resolved configuration and stop");
  command.footer("Example: leaf train ferplus:data --labels 800 --size 64 --steps 3200");
}

void declare_pretrain(CLI::App& app, PretrainArguments& pretrain) {
  auto& command = *app.add_subcommand("pretrain", "Learn from faces alone, so that training with few labels has a better start");
  declare_faces(command, pretrain.config);
  declare_learning(command, pretrain.config);
  shortcut(command, pretrain.config, "--batch", "train.unlabeled_batch", "faces a step, two views of each");
  command.add_option("-o,--output", pretrain.output, "folder of the run (default: runs/ and a name made of the options)");
  command.add_option("--resume", pretrain.resume, "continue the run in this folder");
  command.add_flag("--force", pretrain.force, "replace the run in the output folder");
  command.add_flag("--print-config", pretrain.print_config, "print the resolved configuration and stop");
  command.footer(
      "Labels are read to measure the features, never to learn. simclr (the default) is contrastive, vicreg is not; see `leaf "
      "algorithms`.\n"
      "Example: leaf pretrain folder:FACES --backbone resnet18 --size 64 --steps 4000 -o runs/encoder");
}

void declare_demo(CLI::App& app, DemoArguments& demo) {
  auto& command = *app.add_subcommand("demo", "Draw faces, label a few, train supervised-only and LEAF, compare");
  command.add_option("--seed", demo.seed, "seed of faces, labels and training")->capture_default_str();
  command.add_option("--faces", demo.faces, "faces to draw")->check(CLI::Range(500, 1000000))->capture_default_str();
  command.add_option("--labels-per-class", demo.labels_per_class, "labeled faces of each class")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--steps", demo.steps, "training steps of either; 0 = what fits the demo's time")
      ->check(CLI::Range(0, 1000000));
  command.add_option("--threads", demo.threads, "threads for tensors; 0 = all this process may use")->check(CLI::Range(0, 1024));
  command.add_option("-o,--output", demo.output, "folder for both runs and the pictures")->capture_default_str();
  command.add_flag("--force", demo.force, "replace an earlier demo there");
  command.add_option("--format", demo.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command.footer("Example: leaf demo --seed 1 --output /tmp/demo");
}

void declare_split(CLI::App& app, SplitArguments& split) {
  auto& command = *app.add_subcommand("split", "Choose the labeled faces and save the choice");
  declare_faces(command, split.config);
  declare_data(command, split.config);
  command.add_option("--set", split.config.assignments, "any option, KEY=VALUE")->type_name("KEY=VALUE")->expected(1)->take_all();
  command.add_option("-o,--output", split.output, "file to write")->required();
  command.add_flag("--force", split.force, "replace the file");
  command.footer("Example: leaf split rafdb:RAF-DB --labels 400 --split ada_cm -o split.json");
}

void declare_precision(CLI::App& command, std::string& precision) {
  command
      .add_option(
          "--precision", precision,
          "what the network computes in: float32, bfloat16 or int8, which is quicker and less exact (default: as it was trained)")
      ->check(CLI::IsMember({"float32", "bfloat16", "int8"}));
}

void declare_evaluate(CLI::App& app, EvaluateArguments& evaluate) {
  auto& command = *app.add_subcommand("eval", "Measure a trained model");
  command.add_option("run", evaluate.run, "folder of a run, or a model.safetensors")->required();
  command.add_option("source", evaluate.source, "other faces to measure on (default: the run's own test part)");
  command
      .add_option(
          "--part", evaluate.part,
          "train, validation, test (as a run is tested: without a test part half of the validation part) or all of that source")
      ->check(CLI::IsMember({"train", "validation", "test", "all"}))
      ->capture_default_str();
  command.add_option("--classes", evaluate.classes, "of that source: all, or 7 to leave contempt out")
      ->check(CLI::IsMember({"all", "7"}))
      ->capture_default_str();
  command.add_option("--format", evaluate.format, "text, csv or json")->check(kFormats);
  command.add_option("-o,--output", evaluate.output, "folder for the report, tables and the confusion matrix");
  command.add_flag("--force", evaluate.force, "replace what is there");
  command
      .add_option(
          "--coverage", evaluate.coverage,
          "measure sets of classes that should hold the right one of this share of the faces (default: 0.9 where the model "
          "is calibrated)")
      ->check(CLI::Range(0.01, 0.999));
  declare_precision(command, evaluate.precision);
  command.footer(
      "Example: leaf eval runs/mine rafdb:RAF-DB --part test\n"
      "Example: leaf eval runs/mine --coverage 0.95");
}

void declare_finder(CLI::App& command, FinderArguments& finder) {
  command.add_option(
      "--detector", finder.detector,
      "what finds faces in photos: tiny_face_detector (fetched by scripts/weights), cascade (OpenCV's), or an ONNX "
      "file of YuNet; default: the first that is there");
  command.add_option("--look", finder.look, "pixels of a photo's longer side as the detector sees it, one look each: 672,224")
      ->type_name("LIST");
  command.add_option("--score", finder.score, "the least score of a face: 0.5")->check(CLI::Range(0.01, 0.99));
  command.add_flag("--largest", finder.largest, "of several faces in a picture the largest alone");
}

void declare_predict(CLI::App& app, PredictArguments& predict) {
  auto& command = *app.add_subcommand("predict", "Expressions of faces, in pictures of one each, photos, videos or of a camera");
  command.add_option("run", predict.run, "folder of a run, or a model.safetensors")->required();
  command
      .add_option("inputs", predict.paths,
                  "pictures, videos, folders of both, camera:0, or - for a list of them on standard input, one a line")
      ->required();
  command
      .add_option(
          "--faces", predict.faces,
          "whole: a picture is one aligned face; find: photos, whose faces are found and aligned; default: find for videos, "
          "cameras, and models that learned from found faces (views.faces), else whole")
      ->check(CLI::IsMember({"whole", "find"}));
  declare_finder(command, predict.finder);
  command
      .add_option("--smoothing", predict.smoothing, "how much a video's frame weighs beside the next one of its track; 0 = off")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  command.add_option("--format", predict.format, "text, csv, json, or jsonl (a row a line)")
      ->check(CLI::IsMember({"text", "csv", "json", "jsonl"}));
  command.add_option("-o,--output", predict.output, "file to write instead of the terminal");
  command.add_option("--overlay", predict.overlay, "folder for the pictures with boxes and expressions drawn on them")
      ->type_name("FOLDER");
  command
      .add_option("--explain", predict.explain,
                  "folder for a picture of each face: where the predicted class is seen (Grad-CAM), all probabilities, and the "
                  "experts that the face went through")
      ->type_name("FOLDER");
  command
      .add_option(
          "--sets", predict.sets,
          "a column with the classes that a face may show: category (those that LEAF's category level takes for positive), "
          "or a coverage such as 0.9 (sets that hold the right class of that share of the faces)")
      ->type_name("category|COVERAGE");
  command.add_flag("--force", predict.force, "replace the file, write into the folder");
  declare_precision(command, predict.precision);
  command.footer(
      "Example: leaf predict runs/mine face.png faces/ --format csv\n"
      "Example: leaf predict runs/mine --faces find party.jpg --overlay drawn\n"
      "Example: leaf predict runs/mine film.mp4 --format jsonl\n"
      "Example: leaf predict runs/mine faces/ --sets 0.9 --format csv\n"
      "Example: leaf predict runs/mine face.png --explain why\n"
      "Example: find . -name '*.jpg' | leaf predict runs/mine --faces find - --format csv -o faces.csv");
}

void declare_prepare(CLI::App& app, PrepareArguments& prepare) {
  auto& command = *app.add_subcommand("prepare", "Photos and videos into aligned faces to learn from");
  command
      .add_option("inputs", prepare.paths,
                  "pictures, videos, folders of both (a class folder, or a row of labels.csv, is the label), or - for a list")
      ->required();
  command.add_option("-o,--output", prepare.output, "folder to make; a preparation that was stopped, or is old, goes on")
      ->required();
  declare_finder(command, prepare.finder);
  command.add_option("--size", prepare.size, "height and width of a face, pixels")
      ->check(CLI::Range(16, 1024))
      ->capture_default_str();
  command.add_option("--margin", prepare.margin, "rim on each side of a face, in widths of it; FER2013's pictures have 0")
      ->check(CLI::Range(-0.2, 1.0))
      ->capture_default_str();
  command.add_option("--every", prepare.every, "of a video's frames one in so many")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--format", prepare.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command.footer(
      "Example: leaf prepare photos/ -o faces\n"
      "Example: leaf prepare film.mp4 --every 25 -o faces; leaf train csv:faces/faces.csv");
}

void declare_bench(CLI::App& app, BenchArguments& bench) {
  auto& command = *app.add_subcommand("bench", "Train a grid of runs and compare them, or measure one training step");
  command.add_option("sources", bench.sources, "one or more sources of faces: NAME:PATH (see `leaf datasets`)");
  command
      .add_option("--algorithms", bench.algorithms,
                  "list of ALGORITHM, ALGORITHM+LEVEL (semantic, instance, category), +levels or +none")
      ->type_name("LIST");
  command.add_option("--labels", bench.labels, "list of numbers of labeled faces; 0 = every label")->type_name("LIST");
  command.add_option("--seeds", bench.seeds, "list of seeds, each of training and of the choice of labeled faces")
      ->type_name("LIST");
  auto* ablation = command.add_option("--ablation", bench.ablation,
                                      "the paper's studies instead of --algorithms, all or some: levels, experts, gate, top_k, "
                                      "fusion, expert, weight, mass, recipe, method");
  ablation->type_name("LIST")->expected(0, 1000);  // sources that follow it too: the command sorts them out
  command.add_option("-o,--output", bench.output, "folder of the grid: its runs, tables and picture; continued when it is there");
  command.add_option("--jobs", bench.jobs, "processes that share the runs (and the threads)")->check(CLI::Range(1, 256));
  command.add_flag("--dry-run", bench.dry_run, "list the runs and what is done of them, and stop");
  command.add_flag("--force", bench.force, "replace runs in the output folder whose configuration differs");
  command.add_flag("--step", bench.step, "measure one training step instead: views per second, time waiting, memory");
  command.add_flag("--speed", bench.speed, "measure this machine instead: training steps, views and prediction");
  command.add_flag("--growth", bench.growth,
                   "measure instead how time and memory grow with batch, size, experts and faces; draws a picture");
  command.add_flag("--prediction", bench.prediction, "measure prediction instead: faces per second, milliseconds for one face");
  command.add_option("--batch", bench.batch, "faces a batch, for --prediction")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  declare_precision(command, bench.precision);
  command.add_option("--worker", bench.worker)->group("");
  command.add_option("--format", bench.format, "text, csv or json")->check(kFormats);
  declare_config(command, bench.config);
  command.parse_complete_callback([&bench, ablation] { bench.ablate = ablation->count() > 0; });
  command.footer(
      "Example: leaf bench ferplus:data --algorithms supervised,leaf,leaf+none --labels 80,800 --seeds 0,1,2 --size 64 --steps "
      "3200 -o runs/grid\n"
      "Example: leaf bench ferplus:data --ablation experts,gate --labels 800 -o runs/ablation\n"
      "Example: leaf bench --step --size 64\n"
      "Example: leaf bench --speed\n"
      "Example: leaf bench --growth -o runs/growth\n"
      "Example: leaf bench --prediction --size 224 --precision int8");
}

void declare_export(CLI::App& app, ExportArguments& exporting) {
  auto& command =
      *app.add_subcommand("export", "A trained model for other programs: as ONNX, or as a folder for a hub of models");
  command.add_option("run", exporting.run, "folder of a run, or a model.safetensors")->required();
  command
      .add_option(
          "--format", exporting.format,
          "onnx: the network that predicts, in one file; hub: model.safetensors, config.json and a card with data, labels, "
          "figures and limits")
      ->required()
      ->check(CLI::IsMember({"onnx", "hub"}));
  command.add_option("-o,--output", exporting.output, "file (onnx) or folder (hub) to write")->required();
  command.add_flag("--force", exporting.force, "replace it");
  command.footer("Example: leaf export runs/mine --format onnx -o mine.onnx");
}

void declare_import(CLI::App& app, ImportArguments& import) {
  auto& command = *app.add_subcommand(
      "import", "Make weights of PyTorch or TensorFlow.js ready for use, without Python and without running them");
  command
      .add_option(
          "file", import.file,
          "a checkpoint of torch.save (zip form or the one before 1.6), a safetensors file, or a weights_manifest.json of "
          "TensorFlow.js")
      ->required();
  command.add_option("-o,--output", import.output, "safetensors file to write")->required();
  command.add_option("--backbone", import.backbone, "the network they are meant for (default: the one that fits best)");
  command.add_flag("--any", import.any, "write every tensor under its own name, whether it fits a backbone or not");
  command.add_flag("--force", import.force, "replace the file");
  command.add_option("--format", import.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command.footer("Example: leaf import resnet18_msceleb.pth -o msceleb.safetensors");
}

void declare_inspect(CLI::App& app, InspectArguments& inspect) {
  auto& command = *app.add_subcommand("inspect", "What is inside a file of weights, without running anything in it");
  command
      .add_option("file", inspect.file,
                  "a checkpoint of torch.save, a safetensors file, a model or checkpoint of LEAF, or a weights_manifest.json of "
                  "TensorFlow.js")
      ->required();
  command.add_option("--format", inspect.format, "text, json, or csv (the tensors alone)")->check(kFormats);
  command.footer("Example: leaf inspect resnet18_msceleb.pth");
}

}  // namespace

bool Arguments::needs_tensors() const { return command != "datasets"; }

void declare(CLI::App& app, Arguments& arguments) {
  app.name("leaf");
  app.description("LEAF: semi-supervised facial expression recognition (arXiv 2404.15041)");
  app.set_version_flag("--version", std::string(LEAF_VERSION));
  app.require_subcommand(1);
  app.footer("Example: leaf demo\nEvery command has --help.");
  declare_demo(app, arguments.demo);
  declare_split(app, arguments.split);
  declare_train(app, arguments.train);
  declare_pretrain(app, arguments.pretrain);
  declare_evaluate(app, arguments.evaluate);
  declare_prepare(app, arguments.prepare);
  declare_predict(app, arguments.predict);
  declare_bench(app, arguments.bench);
  declare_export(app, arguments.exporting);
  declare_import(app, arguments.import);
  declare_inspect(app, arguments.inspect);
  auto& datasets = *app.add_subcommand("datasets", "The data sets that can be read, with their layouts");
  datasets.footer("Example: leaf datasets --format json");
  auto& algorithms = *app.add_subcommand("algorithms", "The algorithms, or one of them with its options");
  algorithms.add_option("name", arguments.name, "an algorithm");
  algorithms.add_option("--format", arguments.format, "text, csv or json")->check(kFormats);
  algorithms.footer("Example: leaf algorithms fixmatch");
  auto& options = *app.add_subcommand("options", "Every option with its default, as a TOML file for --config");
  options.footer("Example: leaf options > my.toml");
  auto& doctor = *app.add_subcommand("doctor", "What this machine can do, and what is missing");
  doctor.footer("Example: leaf doctor");
  for (auto* command : {&datasets, &doctor}) {
    command->add_option("--format", arguments.format, "text or json")->check(CLI::IsMember({"text", "json"}));
  }
}

}  // namespace leaf::app
