#pragma once

#include <gtest/gtest.h>

#include <filesystem>

/// The material beside the project (goldens, real faces). A test that needs it says so and is skipped where it is missing.
#define LEAF_NEEDS_SHARED(variable, name)                                                  \
  const std::filesystem::path variable = std::filesystem::path(LEAF_SHARED_FOLDER) / name; \
  if (!std::filesystem::exists(variable)) GTEST_SKIP() << "needs " << variable << ", which is not here"
