#include <fmt/format.h>

#include "app/plain/commands.h"
#include "leaf/data/reader.h"

namespace leaf::app {

void print_datasets(const std::string& format) {
  if (format == "json") {
    Json all = Json::array();
    for (const auto& name : readers().names()) {
      const auto& entry = readers().at(name);
      all.push_back({{"name", name}, {"help", entry.help}, {"layout", entry.layout}, {"citation", entry.citation}});
    }
    fmt::print("{}\n", all.dump(2));
    return;
  }
  fmt::print("A source is NAME:PATH, e.g. ferplus:FERPlus/data; PATH is a folder or an archive (.tar, .tar.gz, .zip).\n");
  for (const auto& name : readers().names()) {
    const auto& entry = readers().at(name);
    fmt::print("\n{}: {}\n  {}\n  {}\n", name, entry.help, entry.layout, entry.citation);
  }
}

}  // namespace leaf::app
