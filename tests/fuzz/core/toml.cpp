#include "leaf/base/limits.h"
#include "leaf/base/options.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  const auto values = parse_toml(input, "config.toml");
  for_each_leaf(values, [](const std::string& key, const Json& value) { expect(!key.empty() || !value.is_null(), "a leaf"); });
  Limits limits;
  Options options;
  describe(options, limits);
  options.from_json(values, "config.toml");
  Limits again;
  Options described;
  describe(described, again);
  described.from_json(parse_toml(options.to_toml(), "again"), "again");
  expect(described.to_json() == options.to_json(), "what is written is read again");
}

std::vector<std::string> seeds() {
  Limits limits;
  Options options;
  describe(options, limits);
  return {options.to_toml(),
          options.to_toml(false),
          "[a.b]\nc.d = \"x\\u00e9\" # e.f\n'g.h' = '''\ni'''\n",
          "a = 0x1f\nb = 1_0.5e3\n",
          "a = [1, 2]\nb = {c = 1979-05-27T07:32:00Z}\n[[d]]\n",
          "\"a.\\\"b\".c = true\n"};
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
