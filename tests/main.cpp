#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

#include "leaf/base/error.h"
#include "leaf/base/processor.h"

namespace leaf {
namespace {

/// Keeps to the instructions that LEAF_MAX_ISA names, as the program does. The libraries are loaded already and have read their
/// variables, so the tests start once more with them.
void limit_instructions_to_variable(char** argv) {
  const char* const name = ::getenv("LEAF_MAX_ISA");
  if (name == nullptr || *name == '\0') return;
  limit_instructions(parse_instructions(name));
  bool missing = false;
  for (const auto& [variable, value] : limiting_variables()) {
    if (::getenv(variable.c_str()) != nullptr) continue;
    ::setenv(variable.c_str(), value.c_str(), 0);
    missing = true;
  }
  if (!missing) return;
  ::execv("/proc/self/exe", argv);
  fail("cannot start the tests again");
}

}  // namespace
}  // namespace leaf

int main(int argc, char** argv) {
  try {
    leaf::limit_instructions_to_variable(argv);
  } catch (const leaf::Error& error) {
    std::fprintf(stderr, "LEAF_MAX_ISA: %s\n", error.what());
    return 2;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
