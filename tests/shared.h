#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

/// The material beside the project (goldens, real faces). A test that needs it says so and is skipped where it is missing.
#define LEAF_NEEDS_SHARED(variable, name)                                                  \
  const std::filesystem::path variable = std::filesystem::path(LEAF_SHARED_FOLDER) / name; \
  if (!std::filesystem::exists(variable)) GTEST_SKIP() << "needs " << variable << ", which is not here"

/// A file that scripts/weights fetches, at the place that it says; empty where there is none.
inline std::filesystem::path fetched_weights(const std::string& name) {
  for (const auto& [variable, behind] :
       {std::pair("LEAF_WEIGHTS", ""), std::pair("XDG_DATA_HOME", "leaf"), std::pair("HOME", ".local/share/leaf")}) {
    const char* const value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    const auto path = std::filesystem::path(value) / behind / name;
    return std::filesystem::exists(path) ? path : std::filesystem::path();
  }
  return {};
}

/// Networks that scripts/weights fetches. A test that needs them says so and is skipped where they are missing.
#define LEAF_NEEDS_FETCHED(variable, name)                      \
  const std::filesystem::path variable = fetched_weights(name); \
  if (variable.empty()) GTEST_SKIP() << "needs " << name << ", which scripts/weights fetches"
