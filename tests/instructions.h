#pragma once

#include "leaf/base/processor.h"

namespace leaf {

/// Sets the level of instructions at its end to what it was at its beginning.
class KeepInstructions {
 public:
  KeepInstructions() = default;
  ~KeepInstructions() { limit_instructions(before_); }
  KeepInstructions(const KeepInstructions&) = delete;
  KeepInstructions& operator=(const KeepInstructions&) = delete;

 private:
  Instructions before_ = usable_instructions();
};

/// Calls a test at every level that is usable.
template <typename Test>
void at_every_level(const Test& test) {
  const KeepInstructions keep;
  const auto highest = usable_instructions();
  for (int i = 0; i <= static_cast<int>(highest); ++i) {
    limit_instructions(static_cast<Instructions>(i));
    test(usable_instructions());
  }
}

}  // namespace leaf
