#include "app/run.h"

#include "app/tensor/commands.h"
#include "app/tensor/resident.h"
#include "leaf/base/terminal.h"

namespace leaf::app {

void run(const Arguments& arguments, char** argv) {
  release_loaded_pages();
  const auto& command = arguments.command;
  if (command == "train" || command == "pretrain" || command == "demo" || command == "bench") outlive_terminal();
  if (command == "split") return write_split(arguments.split);
  if (command == "train") return run_train(arguments.train);
  if (command == "pretrain") return run_pretrain(arguments.pretrain);
  if (command == "demo") return run_demo(arguments.demo);
  if (command == "eval") return run_evaluate(arguments.evaluate);
  if (command == "prepare") return run_prepare(arguments.prepare);
  if (command == "predict") return run_predict(arguments.predict);
  if (command == "bench") return run_bench(arguments.bench, argv);
  if (command == "export") return run_export(arguments.exporting);
  if (command == "import") return run_import(arguments.import);
  if (command == "inspect") return run_inspect(arguments.inspect);
  if (command == "algorithms") return print_algorithms(arguments.name, arguments.format);
  if (command == "options") return print_options();
  return print_doctor(arguments.format);
}

}  // namespace leaf::app
