#pragma once

#include <string>
#include <vector>

#include "leaf/photos/predict.h"

namespace leaf {

/// The picture with the box of each face, its likeliest expression and that one's probability.
Image overlay(Image picture, const std::vector<Reading>& readings, const std::vector<std::string>& classes);

}  // namespace leaf
