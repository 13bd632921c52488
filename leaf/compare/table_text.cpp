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
const Line kDifferenceHead = {"data", "labels", "pair", "accuracy, points", "balanced accuracy, points", "seeds", "the first is"};
const std::string kDifferences =
    "\n## Differences over the same seeds\n\n"
    "Mean and 95 % interval (Student's t) of the differences between the two runs of a seed, on the same test faces.\n"
    "Better or worse: the interval of the accuracy has no 0. One such interval in twenty misses the truth.\n\n";
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

/// "largest class": what a row of a variant has too, and "–" for what only training has.
Line line_of(const LargestClass& largest) {
  const auto percent = [](double share) { return fmt::format("{:.1f}", 100 * share); };
  return {largest.data,
          "–",
          "largest class",
          percent(largest.accuracy),
          percent(largest.balanced_accuracy),
          percent(largest.macro_f1),
          "–",
          "–",
          "–"};
}

/// The rows of one study, those of a data set behind its largest class.
struct Group {
  std::string title;  ///< "" when the table has no studies
  std::vector<Line> lines;
};

std::vector<Group> groups_of(const Table& table) {
  std::vector<Group> groups;
  std::string study, data;
  for (const auto& row : table.rows) {
    const bool begins = groups.empty() || row.study != study || row.data != data;
    if (groups.empty() || row.study != study) {
      study = row.study;
      std::string title = study;
      for (const auto& known : studies()) {
        if (known.name == study) title += ": " + known.question;
      }
      groups.push_back({title, {}});
    }
    data = row.data;
    for (const auto& largest : table.largest_class) {
      if (begins && largest.study == study && largest.data == data) groups.back().lines.push_back(line_of(largest));
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

std::string markdown_table(const Line& head, const std::vector<Line>& lines) {
  std::string text = markdown_line(head, escaped) + "|";
  for (size_t i = 0; i < head.size(); ++i) text += i == 1 || i >= kNames ? "---:|" : "---|";
  text += "\n";
  for (const auto& line : lines) text += markdown_line(line, escaped);
  return text;
}

/// "experts: ", or "" where there are no studies.
std::string prefix(const std::string& study) { return study.empty() ? "" : study + ": "; }

/// "+2.1 [-0.3, +4.5]" in points of a hundred, "+2.1" for one seed.
std::string points(const Interval& interval) {
  const auto mean = fmt::format("{:+.1f}", 100 * interval.mean);
  return interval.low ? fmt::format("{} [{:+.1f}, {:+.1f}]", mean, 100 * *interval.low, 100 * *interval.high) : mean;
}

std::vector<Line> difference_lines(const Table& table) {
  std::vector<Line> lines;
  for (const auto& pair : table.differences)
    lines.push_back({pair.data, labels_text(pair.labels),
                     fmt::format("{}{} − {}", prefix(pair.study), pair.reference, pair.variant), points(pair.accuracy),
                     points(pair.balanced_accuracy), std::to_string(pair.seeds), pair.verdict()});
  return lines;
}

/// The largest classes that stand for several test parts.
std::string several_parts_text(const Table& table, const std::function<std::string(const std::string&)>& mark) {
  std::string text;
  for (const auto& largest : table.largest_class) {
    if (largest.test_parts > 1)
      text += mark(fmt::format("{}{}, largest class: the mean over {} different test parts", prefix(largest.study), largest.data,
                               largest.test_parts));
  }
  return text;
}

/// Each row whose start knew the classes.
std::string starts_text(const Table& table, const std::function<std::string(const std::string&)>& mark) {
  std::string text;
  for (const auto& row : table.rows) {
    if (row.starts == 0) continue;
    const auto some = row.starts < row.finished ? fmt::format(" ({} of {} seeds)", row.starts, row.finished) : "";
    text += mark(fmt::format("{}{}, {} labels, {}: began with {} %, balanced {} %{}", prefix(row.study), row.data,
                             labels_text(row.labels), row.variant, figure(row.start_accuracy, 100),
                             figure(row.start_balanced_accuracy, 100), some));
  }
  return text;
}

/// Each row with labels outside of the budget, as a line of a list.
std::string outside_text(const Table& table, const std::function<std::string(const std::string&)>& mark) {
  std::string text;
  for (const auto& row : table.rows) {
    if (row.labels_outside == 0) continue;
    text += mark(fmt::format("{}{}, {} labels, {}: {} more chose the best epoch", prefix(row.study), row.data,
                             labels_text(row.labels), row.variant, grouped(row.labels_outside)));
  }
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
  const auto plain = [](const std::string& line) { return line + "\n"; };
  const auto outside = outside_text(table, plain), failed = unfinished_text(table, "failed", plain);
  text += several_parts_text(table, plain);
  if (!table.differences.empty()) text += "\naccuracy differences over the same seeds, points [95 % interval]:\n";
  for (const auto& line : difference_lines(table))
    text += plain(fmt::format("{}, {} labels, {}: {}, seeds {}, {}", line[0], line[1], line[2], line[3], line[5], line[6]));
  if (!outside.empty()) text += "\nlabels outside of the budget:\n" + outside;
  return failed.empty() ? text : text + "\nfailed:\n" + failed;
}

std::string to_markdown(const Table& table, const std::vector<std::string>& pictures) {
  std::string text =
      "# Results\n\nMean ± sample standard deviation over the seeds, on the test faces. Written by `leaf bench`.\n";
  for (const auto& group : groups_of(table)) {
    text += group.title.empty() ? "\n" : "\n## " + escaped(group.title) + "\n\n";
    text += markdown_table(kHead, group.lines);
  }
  const auto item = [](const std::string& line) { return "- " + escaped(line) + "\n"; };
  const auto below = several_parts_text(table, item) + starts_text(table, item);
  if (!below.empty()) text += "\n" + below;
  if (!table.differences.empty()) text += kDifferences + markdown_table(kDifferenceHead, difference_lines(table));
  for (const auto& picture : pictures) text += fmt::format("\n![accuracy against labels]({})\n", picture);
  if (pictures.empty()) text += "\nNo picture of accuracy against labels: it takes results for at least two numbers of labels.\n";
  const auto outside = outside_text(table, item);
  if (!outside.empty()) text += "\nLabels outside of the budget:\n\n" + outside;
  const std::pair<const char*, const char*> kStates[] = {
      {"failed", "Failed"}, {"interrupted", "Interrupted"}, {"waiting", "Not done yet"}};
  for (const auto& [state, title] : kStates) {
    const auto items = unfinished_text(table, state, item);
    if (!items.empty()) text += fmt::format("\n{}:\n\n{}", title, items);
  }
  return text;
}

}  // namespace leaf
