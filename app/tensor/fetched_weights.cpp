#include "app/tensor/fetched_weights.h"

#include <stdlib.h>

#include <algorithm>
#include <array>

namespace leaf::app {
namespace {

/// The variable's value with what stands behind it, or nothing where it is not set.
std::filesystem::path below(const char* variable, const char* behind) {
  const char* const value = ::getenv(variable);
  if (value == nullptr || *value == '\0') return {};
  return *behind == '\0' ? std::filesystem::path(value) : std::filesystem::path(value) / behind;
}

}  // namespace

FetchedWeights::FetchedWeights() {
  for (const auto& [variable, behind] :
       {std::pair("LEAF_WEIGHTS", ""), std::pair("XDG_DATA_HOME", "leaf"), std::pair("HOME", ".local/share/leaf")}) {
    if (folder_.empty()) folder_ = below(variable, behind);
  }
}

bool FetchedWeights::complete() const {
  if (folder_.empty()) return false;
  const std::array all = {expression(), dlib(), dlib_256(), face_api()};
  return std::all_of(all.begin(), all.end(), [](const auto& path) { return std::filesystem::exists(path); });
}

}  // namespace leaf::app
