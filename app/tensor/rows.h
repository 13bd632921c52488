#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/tensor/sets.h"
#include "leaf/photos/predict.h"

namespace leaf::app {

/// Writes the rows of `leaf predict` as they are made.
class Rows {
 public:
  /// `write` takes the text piece by piece; `faces`: whether there are columns of faces, frames and tracks; `set`: none where
  /// there is no column of sets.
  Rows(const std::string& format, bool faces, std::vector<std::string> classes, ClassSet set,
       std::function<void(const std::string&)> write);

  void add(const Sighting& sighting, const std::vector<Reading>& readings);
  /// What stands behind the last row. To be called once.
  void end();

 private:
  std::vector<std::string> set_of(const Reading& reading) const;  // names, none where there is no column
  std::string text_row(const Shot& shot, const Reading& reading, size_t number);
  std::string csv_row(const Shot& shot, const Reading& reading, size_t number) const;
  std::string json_row(const Shot& shot, const Reading& reading) const;

  const std::string format_;
  const bool faces_;
  const std::vector<std::string> classes_;
  const ClassSet set_;
  const std::function<void(const std::string&)> write_;
  size_t widest_ = 0;
  bool first_ = true;
};

}  // namespace leaf::app
