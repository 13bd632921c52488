#include "leaf/data/expressions.h"

#include <map>

#include "leaf/base/text.h"

namespace leaf {

const std::vector<std::string>& expressions() {
  static const std::vector<std::string> kNames = {"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"};
  return kNames;
}

std::optional<std::string> canonical_expression(std::string_view word) {
  static const std::map<std::string, std::string, std::less<>> kMeaning = {
      {"neutral", "neutral"},     {"natural", "neutral"},      {"neutrality", "neutral"}, {"calm", "neutral"},
      {"happiness", "happiness"}, {"happy", "happiness"},      {"joy", "happiness"},      {"joyful", "happiness"},
      {"smile", "happiness"},     {"surprise", "surprise"},    {"surprised", "surprise"}, {"astonished", "surprise"},
      {"sadness", "sadness"},     {"sad", "sadness"},          {"sorrow", "sadness"},     {"anger", "anger"},
      {"angry", "anger"},         {"disgust", "disgust"},      {"disgusted", "disgust"},  {"fear", "fear"},
      {"fearful", "fear"},        {"afraid", "fear"},          {"scared", "fear"},        {"contempt", "contempt"},
      {"contemptuous", "contempt"}, {"scorn", "contempt"},
  };
  const auto found = kMeaning.find(lower(trim(word)));
  if (found == kMeaning.end()) return std::nullopt;
  return found->second;
}

std::string class_name(std::string_view word) { return canonical_expression(word).value_or(std::string(trim(word))); }

}  // namespace leaf
