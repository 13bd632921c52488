#include "leaf/config/config.h"

#include "leaf/config/resolve.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  Config config;
  config.read_toml(input, "config.toml");
  const auto resolved = resolve(config);
  Config again;
  again.read_toml(resolved->to_toml(), "again");
  expect(difference(again, *resolved).empty(), "what is written is read again");
}

std::vector<std::string> seeds() {
  std::vector<std::string> result;
  for (const auto* method : {"", "paper", "reference"}) {
    auto config = request_by(method);
    config.data.source = "ferplus:FERPlus";
    config.data.labels = 800;
    config.given = {"data.source", "data.labels"};
    result.push_back(config.to_toml(false));
    result.push_back(resolve(config)->to_toml(false));
  }
  result.emplace_back("algorithm = \"leaf\"\nmethod = \"paper\"\n[data]\nsource = \"synthetic:100\"\nlabels = 20\n");
  result.emplace_back("algorithm = \"comatch\"\n[train]\nviews = 100000\n[algorithm_options]\nthreshold = 0.5\n");
  return result;
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
