#pragma once

#include "app/arguments.h"

namespace leaf::app {

void run_train(const TrainArguments& arguments);
void run_demo(const DemoArguments& arguments);
void run_evaluate(const EvaluateArguments& arguments);
void run_predict(const PredictArguments& arguments);
void run_bench(const BenchArguments& arguments);
void print_algorithms(const std::string& name, const std::string& format);
void print_options();
void print_doctor(const std::string& format);

}  // namespace leaf::app
