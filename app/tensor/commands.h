#pragma once

#include "app/arguments.h"

namespace leaf::app {

/// Chooses the labeled faces and writes split.json.
void write_split(const SplitArguments& arguments);
void run_train(const TrainArguments& arguments);
void run_pretrain(const PretrainArguments& arguments);
void run_demo(const DemoArguments& arguments);
void run_evaluate(const EvaluateArguments& arguments);
void run_prepare(const PrepareArguments& arguments);
void run_predict(const PredictArguments& arguments);
/// `argv` is the program's own, to start it again for --jobs.
void run_bench(const BenchArguments& arguments, char** argv);
/// What `leaf bench` does with --speed, --growth, --step and --prediction.
void measure_speed(const BenchArguments& arguments);
void measure_growth(const BenchArguments& arguments);
void measure_step(const BenchArguments& arguments);
void measure_prediction(const BenchArguments& arguments);
void run_export(const ExportArguments& arguments);
void run_import(const ImportArguments& arguments);
void run_inspect(const InspectArguments& arguments);
void print_algorithms(const std::string& name, const std::string& format);
void print_options();
void print_doctor(const std::string& format);

}  // namespace leaf::app
