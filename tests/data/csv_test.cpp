#include "leaf/data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const std::string& text) {
  CsvReader reader(text, "a.csv");
  Rows rows;
  for (std::vector<std::string> fields; reader.next(fields);) rows.push_back(fields);
  return rows;
}

TEST(CsvReader, ReadsQuotesLineBreaksAndMarks) {
  EXPECT_THAT(rows_of("\xef\xbb\xbfpath,label\r\na.png, happy \r\n\r\n\"b, c.png\",\"say \"\"x\"\"\"\r\n"),
              ElementsAre(ElementsAre("path", "label"), ElementsAre("a.png", "happy"), ElementsAre("b, c.png", "say \"x\"")));
  EXPECT_THAT(rows_of("a,,b"), ElementsAre(ElementsAre("a", "", "b")));
  EXPECT_THAT(rows_of("a,\n,\n"), ElementsAre(ElementsAre("a", ""), ElementsAre("", "")));
  EXPECT_THAT(rows_of("\"two\nlines\",x\n"), ElementsAre(ElementsAre("two\nlines", "x")));
  EXPECT_TRUE(rows_of("").empty());
  EXPECT_TRUE(rows_of("\n\r\n").empty());
}

TEST(CsvReader, HasAsManyRowsAndFieldsAsAList) {
  EXPECT_EQ(rows_of(std::string(1023, ',')).at(0).size(), 1024u);
  EXPECT_THAT(error_of([] { rows_of("a,b\n" + std::string(1 << 20, ',')); }), HasSubstr("a.csv line 2: a row has at most 1024"));
  std::string rows;
  for (int i = 0; i <= 1'000'000; ++i) rows += "a\n";
  CsvReader reader(rows, "a.csv");
  EXPECT_THAT(error_of([&] {
                for (std::vector<std::string> fields; reader.next(fields);) continue;
              }),
              HasSubstr("a.csv line 1000001: a list of labels has at most 1000000 rows"));
}

TEST(CsvReader, CountsLinesThroughQuotes) {
  const std::string text = "a\n\"b\nc\"\n\nd";
  CsvReader reader(text, "a.csv");
  std::vector<std::string> fields;
  std::vector<int64_t> lines;
  while (reader.next(fields)) lines.push_back(reader.line());
  EXPECT_THAT(lines, ElementsAre(1, 2, 5));
  EXPECT_EQ(reader.where(), "a.csv line 5");
  EXPECT_EQ(text.substr(reader.offset()), "d");
}

TEST(CsvReader, NamesTheLineOfABrokenQuote) {
  EXPECT_THAT(error_of([] { rows_of("a\n\"b\nc"); }), HasSubstr("a.csv line 2: a quote is opened and not closed"));
  EXPECT_THAT(error_of([] { rows_of("a\n\"b\"c,d"); }), HasSubstr("a.csv line 2: text follows the closing quote"));
}

TEST(CsvField, IsReadBackAndIsNoFormula) {
  for (const std::string text : {"plain", "with space", " in front", "a,b", "a \"b\"", "-3.5", "it's", "\xc3\xa4"})
    EXPECT_EQ(rows_of("a\n" + csv_field(text) + "\n").at(1).at(0), text);
  EXPECT_EQ(csv_field("=1+1"), "'=1+1");
  EXPECT_EQ(csv_field("@SUM(1,2)"), "\"'@SUM(1,2)\"");
  EXPECT_EQ(csv_field("-3.5"), "-3.5");
  EXPECT_EQ(csv_field("-a"), "'-a");
  EXPECT_EQ(csv_field("a\nb\x1b[1m\t"), R"(a\x0ab\x1b[1m\x09)");
}

TEST(CsvHeader, FindsColumnsInAnyCaseAndNamesMissingOnes) {
  const std::string text = "Path,Label\na,b\nc\n";
  CsvReader reader(text, "a.csv");
  const CsvHeader header(reader);
  EXPECT_EQ(header.at("label"), 1);
  EXPECT_EQ(header.find("part"), -1);
  EXPECT_THAT(error_of([&] { header.at("part"); }),
              HasSubstr("a.csv line 1: there is no column \"part\"; the columns are path, label"));
  std::vector<std::string> fields;
  reader.next(fields);
  header.check(reader, fields);
  reader.next(fields);
  EXPECT_THAT(error_of([&] { header.check(reader, fields); }),
              HasSubstr("a.csv line 3: expected 2 columns (path, label), found 1"));
}

TEST(CsvHeader, NoticesASlipOfThePen) {
  CsvReader misspelled("path,labl\n", "my.csv"), other("path,age\n", "my.csv");
  EXPECT_THROW(CsvHeader(misspelled).find_or_slip("label"), Error);
  EXPECT_EQ(CsvHeader(other).find_or_slip("label"), -1);
}

}  // namespace
}  // namespace leaf
