#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leaf {

/// The names every data set's classes are mapped to: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt
/// (FERPlus's order and spelling).
const std::vector<std::string>& expressions();

/// The canonical name for a word that means an expression, in any case and between any spaces: "Happy", "joy" -> "happiness".
/// Nothing for a word that is not known.
std::optional<std::string> canonical_expression(std::string_view word);

/// The canonical name where there is one, else the word itself without surrounding spaces: a class need not be an expression.
std::string class_name(std::string_view word);

}  // namespace leaf
