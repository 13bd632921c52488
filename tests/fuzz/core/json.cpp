#include "leaf/base/json.h"

#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  const auto value = parse_json(input);
  if (value.is_discarded()) return;
  expect(parse_json(json_text(value)) == value, "what is written is read again");
}

std::vector<std::string> seeds() {
  return {R"({"name": "caf\u00e9 \ud83d\ude00", "numbers": [0, -1, 18446744073709551615, 1.5e-300], "none": null, "yes": true})",
          std::string(63, '[') + std::string(63, ']'), R"([[], {}, "", "\\\"\n"])", "1e999", "\"\xc3\xa9\""};
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
