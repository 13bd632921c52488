#include "leaf/data/csv.h"

#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  CsvReader reader(input, "list.csv");
  const CsvHeader header(reader);
  std::vector<std::string> fields;
  while (reader.next(fields)) {
    expect(!fields.empty() && reader.offset() < input.size() && reader.line() > 0, "a row lies in the text");
    CsvReader from(input, "row", reader.offset());
    std::vector<std::string> again;
    expect(from.next(again) && again == fields, "a row is found again by its place");
  }
  header.find_or_slip("label");
  header.at("path");
}

std::vector<std::string> seeds() {
  return {"path,label\na.png,1\n",
          "\xef\xbb\xbfPath;Labl\r\n\r\n\"a\"\"b\", c \r\n",
          "path,label\n\"two\nlines\",x\n",
          "\"open\n",
          "a,b\n1,\"x\"y\n",
          ",,,\n,,,"};
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
