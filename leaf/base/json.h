#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace leaf {

using Json = nlohmann::ordered_json;

/// The value that a text of JSON holds; a discarded one (is_discarded()) when the text is no JSON, is nested deeper than 64
/// levels or has an object of more than 10,000 names: work with values recurses, and looks names up one by one. For texts out of
/// files.
Json parse_json(std::string_view text);

/// A value as the lines of a JSON file or output: in ASCII, so that no name in it can steer a terminal.
std::string json_text(const Json& value);

/// The same on one line, without its end: a row of JSON Lines.
std::string json_line(const Json& value);

}  // namespace leaf
