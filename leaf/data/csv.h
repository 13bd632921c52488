#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leaf {

/// Reads comma-separated text row by row (RFC 4180): fields may be quoted, with "" for a quote and line breaks inside; lines
/// may end with CRLF; a byte order mark and empty lines are skipped. The text must outlive the reader.
class CsvReader {
 public:
  /// `name` is the file's, for messages; `begin` is the byte that the first row begins at.
  CsvReader(std::string_view text, std::string name, size_t begin = 0);

  /// The next row's fields, without the spaces around unquoted ones; false at the end. Throws Error with the line for a quote
  /// that is not closed or stands in the middle of a field, for a field beyond 1 MiB, and for more rows or fields than ListLimits
  /// allow.
  bool next(std::vector<std::string>& fields);

  /// The line the last row began on, from 1, and its first byte.
  int64_t line() const { return line_; }
  size_t offset() const { return offset_; }
  /// "label.csv line 3".
  std::string where() const;

 private:
  std::string field();
  std::string quoted();
  bool at_break() const;
  void skip_break();

  std::string_view text_;
  std::string name_;
  size_t position_ = 0, offset_ = 0;
  int64_t line_ = 0, current_line_ = 1, rows_ = 0;
};

/// Which column has which name, from the first row of a file.
class CsvHeader {
 public:
  /// Throws Error when the text is empty.
  explicit CsvHeader(CsvReader& reader);

  /// The column of that name in any case, or -1.
  int64_t find(std::string_view name) const;
  /// The same; throws Error when there is none but a column whose name is a slip of the pen away ("labl").
  int64_t find_or_slip(std::string_view name) const;
  /// The same; throws Error naming the file and the columns it has when there is none.
  int64_t at(std::string_view name) const;
  /// Throws Error with file and line when a row has not as many fields as the header.
  void check(const CsvReader& reader, const std::vector<std::string>& fields) const;

 private:
  std::string where_;
  std::vector<std::string> names_;
};

/// Throws Error where a list of labels has more rows, or a row more fields, than ListLimits allow.
void check_list(int64_t rows, int64_t fields, std::string_view name, int64_t line);

/// A text as one field: printable, quoted when it must be, and with a ' in front where a spreadsheet would take it for a formula.
/// Whatever comes from outside goes into a CSV file by this function.
std::string csv_field(const std::string& text);

}  // namespace leaf
