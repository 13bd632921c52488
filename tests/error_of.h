#pragma once

#include <string>

#include "leaf/base/error.h"

namespace leaf {

/// What the function complains about; "" when it does not.
template <typename F>
std::string error_of(F&& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace leaf
