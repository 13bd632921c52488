#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "leaf/photos/predict.h"
#include "leaf/recognize/explain.h"

namespace leaf::app {

/// A picture of each face that says why the model says what it says, in a folder under the name of its file: face.png, and with
/// the number of the face or frame where there may be several; a second one of a name gets a number.
class Explanations {
 public:
  /// Throws Error where there is nothing to draw with, or the model cannot be read.
  Explanations(std::string folder, const std::string& run, ViewOptions views);

  void add(const Sighting& sighting, const std::vector<Reading>& readings);

 private:
  const std::filesystem::path folder_;
  const ViewOptions views_;
  Explainer explainer_;
};

}  // namespace leaf::app
