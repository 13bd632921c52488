#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leaf {

/// How many letters must be inserted, deleted, replaced or swapped with their neighbor to make one word of the other.
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the smallest edit distance; "" when there are none.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// ` (did you mean "x"?)` when a candidate is near enough to be meant, else the empty string.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

/// "a, b, c".
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ");

/// The place of each word among the known ones, −1 for one that is not there; [words].
std::vector<int64_t> places_of(const std::vector<std::string>& words, const std::vector<std::string>& known);

std::vector<std::string> split_words(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);

/// The whole text as a number, else nothing: no trailing characters, no locale.
std::optional<int64_t> to_integer(std::string_view text);
std::optional<double> to_number(std::string_view text);

/// 25,060.
std::string grouped(int64_t number);

/// The text on one line as a person may see it: control characters, invisible ones, marks that turn its direction and bytes that
/// are no UTF-8 become "\\x1b". For names out of files, in messages and tables.
std::string printable(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace leaf
