#include "leaf/base/built.h"

#include <algorithm>

#include "leaf/base/text.h"

namespace leaf {

std::string_view built_with() { return LEAF_BUILT_WITH; }

bool built_with(std::string_view library) {
  const auto words = split_words(LEAF_BUILT_WITH, ' ');
  return std::ranges::find(words, library) != words.end();
}

}  // namespace leaf
