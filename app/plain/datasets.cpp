#include <fmt/format.h>

#include "app/plain/commands.h"
#include "leaf/base/terminal.h"
#include "leaf/data/reader.h"

namespace leaf::app {

void print_datasets(const std::string& format) {
  if (format == "json") {
    Json all = Json::array();
    for (const auto& name : readers().names()) {
      const auto& entry = readers().at(name);
      all.push_back({{"name", name}, {"help", entry.help}, {"layout", entry.layout}, {"citation", entry.citation}});
    }
    write_output(json_text(all));
    return;
  }
  print("A source is NAME:PATH, e.g. ferplus:FERPlus/data; PATH is a folder or an archive (.tar, .tar.gz, .zip).\n");
  for (const auto& name : readers().names()) {
    const auto& entry = readers().at(name);
    print("\n{}: {}\n  {}\n  {}\n", name, entry.help, entry.layout, entry.citation);
  }
}

}  // namespace leaf::app
