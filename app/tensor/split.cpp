#include <fmt/format.h>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/output.h"
#include "app/tensor/photos.h"
#include "app/tensor/request.h"
#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/terminal.h"
#include "leaf/pools/make_pools.h"
#include "leaf/pools/split_file.h"

namespace leaf::app {

void write_split(const SplitArguments& arguments) {
  auto config = request_of(arguments.config);
  if (config.data.source.empty())
    fail_usage("leaf split needs a source of faces, e.g. leaf split rafdb:FOLDER --labels 400 -o split.json");
  check_output(arguments.output, arguments.force);
  Console console;
  find_faces(config, console);
  const auto progress = [&](int64_t done, int64_t total) { console.on_progress("reading faces", done, total); };
  const auto datasets = load_datasets(config.data, available_processors(), progress);
  auto pools = make_pools(datasets, config.data);
  check_shared_faces(datasets, pools);
  save_split(arguments.output, pools, config.data);
  for (const auto& remark : pools.remarks) print("{}\n", remark);
  print("{}: {} unlabeled faces; {}\n", arguments.output, pools.unlabeled.size(), to_text(labels_spent(pools, config.data)));
}

}  // namespace leaf::app
