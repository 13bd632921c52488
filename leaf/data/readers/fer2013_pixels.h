#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "leaf/data/record.h"
#include "leaf/data/source.h"

namespace leaf {

/// A csv of FER2013's kind (columns emotion, pixels, Usage in any order): every row is a square grey face written as numbers.
class Fer2013Csv : public std::enable_shared_from_this<Fer2013Csv> {
 public:
  /// `emotion` and `usage` of a row as they stand there, and its line.
  struct Row {
    std::string emotion, usage;
    int64_t line = 0;
    size_t offset = 0;  ///< of its first byte
  };

  /// `where` is the file for messages. Throws Error naming it for a missing column or a row of another length.
  Fer2013Csv(std::string text, std::string where);

  int64_t rows() const { return static_cast<int64_t>(rows_.size()); }
  const Row& row(int64_t index) const { return rows_[index]; }

  /// Says which row a record's path means; rows that are not there are found out by `picture`.
  void name(const std::string& path, int64_t row) { names_[path] = row; }

  /// Makes the picture of a record that was named. Throws Error: not a square number of values from 0 to 255.
  std::function<Image(const Record&)> picture() const;

 private:
  Image draw(const std::string& path) const;

  std::string text_, where_;
  int64_t pixels_ = 0;  ///< column
  std::vector<Row> rows_;
  std::unordered_map<std::string, int64_t> names_;
};

std::shared_ptr<Fer2013Csv> read_fer2013(const Source& source, const std::string& path);

}  // namespace leaf
