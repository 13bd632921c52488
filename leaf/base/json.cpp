#include "leaf/base/json.h"

#include <vector>

namespace leaf {
namespace {

constexpr int kDeepest = 64;
constexpr int64_t kMostNames = 10000;

struct TooMuch {};

}  // namespace

Json parse_json(std::string_view text) {
  std::vector<int64_t> names(kDeepest + 2, 0);  // of the object that is open at each depth
  const auto within_limits = [&](int depth, Json::parse_event_t event, const Json&) {
    using Event = Json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= kDeepest) throw TooMuch();
    if (opens) names[static_cast<size_t>(depth) + 1] = 0;
    if (event == Event::key && ++names[static_cast<size_t>(depth)] > kMostNames) throw TooMuch();
    return true;
  };
  try {
    return Json::parse(text, within_limits, /*allow_exceptions=*/false);
  } catch (const TooMuch&) {
    return Json(Json::value_t::discarded);
  }
}

std::string json_text(const Json& value) {
  return value.dump(2, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + "\n";
}

std::string json_line(const Json& value) { return value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace); }

}  // namespace leaf
