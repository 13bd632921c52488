#include <fmt/format.h>

#include "app/tensor/commands.h"
#include "leaf/ssl/algorithm.h"

namespace leaf::app {

void print_algorithms(const std::string& name, const std::string& format) {
  const auto names = name.empty() ? algorithms().names() : std::vector<std::string>{name};
  if (format == "json") {
    Json all = Json::array();
    for (const auto& each : names) {
      const auto& entry = algorithms().at(each);
      all.push_back({{"name", each}, {"title", entry.title}, {"citation", entry.citation}, {"options", entry.defaults()}});
    }
    fmt::print("{}\n", all.dump(2));
    return;
  }
  for (const auto& each : names) {
    const auto& entry = algorithms().at(each);
    fmt::print("{:<16} {}\n{:<16} {}\n", each, entry.title, "", entry.citation);
    if (!name.empty()) fmt::print("\n{}", entry.help());
  }
  if (name.empty()) fmt::print("\n`leaf algorithms NAME` lists the options of one.\n");
}

void print_options() {
  Config config;
  config.apply_method("paper");
  config.algorithm_options = resolve_options(config.algorithm, config.method_options, config.algorithm_options);
  fmt::print("{}", config.to_toml());
}

}  // namespace leaf::app
