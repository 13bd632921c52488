#include "leaf/base/text.h"

#include "leaf/base/limits.h"
#include "leaf/data/csv.h"
#include "leaf/data/source.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  const auto shown = printable(input);
  const bool plain = shown.find_first_of("\n\r\t\x1b\x7f") == std::string::npos && is_utf8(shown);
  expect(plain && printable(shown) == shown, "what is printable has nothing but letters");
  to_integer(input);
  to_number(input);
  lower(trim(input));
  if (input.size() < 200) did_you_mean(input, {"labels", "label"});
  const auto field = csv_field(std::string(input));
  CsvReader reader(field, "field");
  std::vector<std::string> fields;
  if (reader.next(fields)) expect(fields.size() == 1 && !reader.next(fields), "a text is one field");
  const auto path = inner_path(input);
  expect(inner_path(path) == path, "a path inside is one");
}

std::vector<std::string> seeds() {
  return {"a/b/../c",
          "/a",
          "./a//b/",
          "=1+1",
          "a,\"b\"\nc",
          " 12 ",
          "1e5",
          "\t@",
          "-1",
          "caf\xc3\xa9\n",
          "\xe2\x80\xae\x1b[31m",
          "\xf0\x9f\x98\x80",
          "\xc2\x9b"
          "2J",
          "\xff",
          "\xed\xa0\x80"};
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
