#include "leaf/photos/prepare.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/tensor/commands.h"
#include "app/tensor/console.h"
#include "app/tensor/finder.h"
#include "leaf/base/error.h"
#include "leaf/base/json.h"
#include "leaf/base/parallel.h"
#include "leaf/base/stop.h"
#include "leaf/base/terminal.h"
#include "leaf/base/text.h"

namespace leaf::app {
namespace {

namespace fs = std::filesystem;

/// So that the same command goes on from any folder.
std::vector<std::string> located(const std::vector<std::string>& inputs) {
  std::vector<std::string> result;
  for (const auto& input : inputs) {
    if (is_camera(input)) fail_usage("leaf prepare takes files and folders; record a video of {} first", printable(input));
    result.push_back(input == "-" ? input : fs::absolute(input).lexically_normal().string());
    if (input != "-" && !fs::exists(input)) fail("cannot read {}: there is no such file or folder", printable(input));
  }
  return result;
}

}  // namespace

void run_prepare(const PrepareArguments& arguments) {
  Console console;
  const auto inputs = located(arguments.paths);
  const auto finder = face_finder(arguments.finder, console);
  const StopSignals signals;
  PrepareOptions options;
  options.sighting = {&finder, arguments.finder.largest, arguments.margin, arguments.size, available_processors()};
  options.every = arguments.every;
  const auto made = prepare(
      inputs, arguments.output, options, [&](const std::string& note) { console.on_note(note); },
      [&](int64_t done, int64_t total) { console.on_progress("finding faces", done, total); });
  if (arguments.format == "json") {
    write_output(json_text({{"pictures", made.pictures},
                            {"faces", made.faces},
                            {"without", made.without},
                            {"unreadable", made.broken},
                            {"known", made.known},
                            {"folder", arguments.output}}));
  } else {
    print("{} faces in {} pictures; {} without a face, {} unreadable{}\n", grouped(made.faces), grouped(made.pictures),
          grouped(made.without), grouped(made.broken),
          made.known > 0 ? fmt::format("; {} had been looked at before", grouped(made.known)) : "");
    print("{0}/faces.png shows them, {0}/faces.csv lists them; learn from them with leaf train csv:{0}/faces.csv\n",
          arguments.output);
  }
  if (made.broken > 0) fail("{} of {} pictures cannot be read; faces.csv says why", made.broken, made.pictures);
}

}  // namespace leaf::app
