#include <algorithm>
#include <functional>

#include "leaf/base/text.h"
#include "leaf/compare/ablation.h"
#include "leaf/compare/table.h"

namespace leaf {
namespace {

using Line = std::vector<std::string>;

const Line kHead = {"data",       "labels",          "variant", "accuracy %", "balanced accuracy %",
                    "macro F1 %", "training time s", "views",   "seeds"};
constexpr size_t kNames = 3;  ///< columns before the figures

std::string labels_text(double labels) { return labels > 0 ? fmt::format("{:g}", labels) : "all"; }

/// "61.2 ± 0.4", "61.2" for one run.
std::string figure(const Spread& spread, double factor) {
  const auto mean = fmt::format("{:.1f}", factor * spread.mean);
  return spread.deviation ? fmt::format("{} ± {:.1f}", mean, factor * *spread.deviation) : mean;
}

/// "120000", or "120000 + 400000" where pretraining had seen some before.
std::string views_text(const Row& row) {
  const auto before = row.pretraining_views.mean;
  return fmt::format("{:.0f}{}", row.views.mean, before > 0 ? fmt::format(" + {:.0f}", before) : "");
}

/// "3", "2 of 3", "2 of 3, 1 failed".
std::string seeds_text(const Row& row) {
  if (row.finished == row.runs) return std::to_string(row.runs);
  return fmt::format("{} of {}{}", row.finished, row.runs, row.failed > 0 ? fmt::format(", {} failed", row.failed) : "");
}

Line line_of(const Row& row) {
  Line line = {row.data, labels_text(row.labels), row.variant};
  if (row.finished == 0) {
    line.insert(line.end(), 5, "–");
  } else {
    line.insert(line.end(), {figure(row.accuracy, 100), figure(row.balanced_accuracy, 100), figure(row.macro_f1, 100),
                             figure(row.seconds, 1), views_text(row)});
  }
  line.push_back(seeds_text(row));
  return line;
}

/// The rows of one study.
struct Group {
  std::string title;  ///< "" when the table has no studies
  std::vector<Line> lines;
};

std::vector<Group> groups_of(const Table& table) {
  std::vector<Group> groups;
  std::string study;
  for (const auto& row : table.rows) {
    if (groups.empty() || row.study != study) {
      study = row.study;
      std::string title = study;
      for (const auto& known : studies()) {
        if (known.name == study) title += ": " + known.question;
      }
      groups.push_back({title, {}});
    }
    groups.back().lines.push_back(line_of(row));
  }
  return groups;
}

/// A text inside a Markdown table or list.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    if (std::string_view("|\\`*_<>[]").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string markdown_line(const Line& line, const std::function<std::string(const std::string&)>& cell) {
  std::string text = "|";
  for (const auto& word : line) text += " " + cell(word) + " |";
  return text + "\n";
}

std::string markdown_table(const std::vector<Line>& lines) {
  std::string text = markdown_line(kHead, escaped) + "|";
  for (size_t i = 0; i < kHead.size(); ++i) text += i == 1 || i >= kNames ? "---:|" : "---|";
  text += "\n";
  for (const auto& line : lines) text += markdown_line(line, escaped);
  return text;
}

/// Each run that is not finished, once, as a line of a list.
std::string unfinished_text(const Table& table, const std::string& state,
                            const std::function<std::string(const std::string&)>& mark) {
  std::string text;
  std::vector<std::filesystem::path> seen;
  for (const auto& run : table.runs) {
    const bool known = std::find(seen.begin(), seen.end(), run.folder) != seen.end();
    if (run.state != state || known) continue;
    seen.push_back(run.folder);
    text += mark(fmt::format("{}, {} labels, {}, seed {}{}", run.data, labels_text(run.labels), run.variant, run.seed,
                             run.message.empty() ? "" : ": " + run.message));
  }
  return text;
}

}  // namespace

std::string to_text(const Table& table) {
  std::string text;
  for (const auto& group : groups_of(table)) {
    if (!group.title.empty()) text += (text.empty() ? "" : "\n") + group.title + "\n";
    std::vector<size_t> widths(kHead.size());
    auto lines = group.lines;
    lines.insert(lines.begin(), kHead);
    const auto columns = [](const std::string& word) {  // characters, not bytes
      return static_cast<size_t>(std::count_if(word.begin(), word.end(), [](char c) { return (c & 0xc0) != 0x80; }));
    };
    for (const auto& line : lines) {
      for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns(line[i]));
    }
    for (const auto& line : lines) {
      std::string row;
      for (size_t i = 0; i < line.size(); ++i) {
        const std::string space(widths[i] - columns(line[i]), ' ');
        const bool left = i == 0 || i == kNames - 1;
        row += (i > 0 ? "  " : "") + (left ? line[i] + space : space + line[i]);
      }
      text += row + "\n";
    }
  }
  const auto failed = unfinished_text(table, "failed", [](const std::string& line) { return line + "\n"; });
  return failed.empty() ? text : text + "\nfailed:\n" + failed;
}

std::string to_markdown(const Table& table, const std::vector<std::string>& pictures) {
  std::string text =
      "# Results\n\nMean ± sample standard deviation over the seeds, on the test faces. Written by `leaf bench`.\n";
  for (const auto& group : groups_of(table)) {
    text += group.title.empty() ? "\n" : "\n## " + escaped(group.title) + "\n\n";
    text += markdown_table(group.lines);
  }
  for (const auto& picture : pictures) text += fmt::format("\n![accuracy against labels]({})\n", picture);
  if (pictures.empty()) text += "\nNo picture of accuracy against labels: it takes results for at least two numbers of labels.\n";
  const auto item = [](const std::string& line) { return "- " + escaped(line) + "\n"; };
  const std::pair<const char*, const char*> kStates[] = {
      {"failed", "Failed"}, {"interrupted", "Interrupted"}, {"waiting", "Not done yet"}};
  for (const auto& [state, title] : kStates) {
    const auto items = unfinished_text(table, state, item);
    if (!items.empty()) text += fmt::format("\n{}:\n\n{}", title, items);
  }
  return text;
}

}  // namespace leaf
