#include "app/tensor/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "leaf/base/json.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"

namespace leaf::app {
namespace {

size_t best_class(const std::vector<float>& probabilities) {
  return static_cast<size_t>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
}

}  // namespace

Rows::Rows(const std::string& format, bool faces, std::vector<std::string> classes, ClassSet set,
           std::function<void(const std::string&)> write)
    : format_(format), faces_(faces), classes_(std::move(classes)), set_(std::move(set)), write_(std::move(write)) {
  if (format_ == "json") write_("[");
  if (format_ != "csv") return;
  std::string header = "path,expression";
  for (const auto& name : classes_) header += "," + csv_field(name);
  if (set_) header += ",set";
  if (faces_) header += ",face,left,top,width,height,angle,score,frame,time,track,remark";
  write_(header + "\n");
}

void Rows::add(const Sighting& sighting, const std::vector<Reading>& readings) {
  std::string text;
  for (size_t i = 0; i < readings.size(); ++i) {
    if (format_ == "csv") {
      text += csv_row(sighting.shot, readings[i], i);
    } else if (format_ == "text") {
      text += text_row(sighting.shot, readings[i], i);
    } else {
      if (format_ == "json") text += first_ ? "\n" : ",\n";
      text += json_row(sighting.shot, readings[i]);
      if (format_ == "jsonl") text += "\n";
    }
    first_ = false;
  }
  write_(text);
}

void Rows::end() {
  if (format_ == "json") write_(first_ ? "]\n" : "\n]\n");
}

std::vector<std::string> Rows::set_of(const Reading& reading) const {
  std::vector<std::string> names;
  if (!set_ || reading.probabilities.empty()) return names;
  for (const auto c : set_(reading.probabilities)) names.push_back(classes_[c]);
  return names;
}

std::string Rows::text_row(const Shot& shot, const Reading& reading, size_t number) {
  auto name = printable(shot.path);
  if (shot.frame >= 0) name += fmt::format("  {:.2f} s", shot.time);
  if (reading.track >= 0) {
    name += fmt::format("  track {}", reading.track);
  } else if (reading.face) {
    name += fmt::format("  face {}", number + 1);
  }
  widest_ = std::max(widest_, name.size());
  auto text = fmt::format("{:<{}}", name, widest_);
  if (reading.probabilities.empty()) return text + "  " + printable(reading.remark) + "\n";
  std::vector<size_t> order(classes_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return reading.probabilities[a] > reading.probabilities[b]; });
  for (size_t i = 0; i < std::min<size_t>(3, order.size()); ++i)
    text += fmt::format("  {:>10} {:5.1f} %", printable(classes_[order[i]]), 100 * reading.probabilities[order[i]]);
  if (set_) text += "  {" + printable(join(set_of(reading))) + "}";
  if (reading.face) {
    const auto& box = reading.face->box;
    text += fmt::format("  at {:.0f},{:.0f} {:.0f} × {:.0f}", box.left, box.top, box.width, box.height);
  }
  return text + "\n";
}

std::string Rows::csv_row(const Shot& shot, const Reading& reading, size_t number) const {
  const bool known = !reading.probabilities.empty();
  auto text = fmt::format("{},{}", csv_field(shot.path), known ? csv_field(classes_[best_class(reading.probabilities)]) : "");
  for (size_t c = 0; c < classes_.size(); ++c) text += known ? fmt::format(",{:.6f}", reading.probabilities[c]) : ",";
  if (set_) text += "," + csv_field(join(set_of(reading), ";"));
  if (!faces_) return text + "\n";
  if (reading.face) {
    const auto& box = reading.face->box;
    text += fmt::format(",{},{:.1f},{:.1f},{:.1f},{:.1f},{:.1f},{:.4f}", number, box.left, box.top, box.width, box.height,
                        reading.angle, reading.face->score);
  } else {
    text += ",,,,,,,";
  }
  text += shot.frame >= 0 ? fmt::format(",{},{:.3f}", shot.frame, shot.time) : ",,";
  text += reading.track >= 0 ? fmt::format(",{}", reading.track) : ",";
  return text + "," + csv_field(reading.remark) + "\n";
}

std::string Rows::json_row(const Shot& shot, const Reading& reading) const {
  Json row = {{"path", shot.path}};
  if (shot.frame >= 0) row.update({{"frame", shot.frame}, {"time", shot.time}});
  if (reading.track >= 0) row["track"] = reading.track;
  if (reading.face) {
    const auto& box = reading.face->box;
    row["face"] = {{"left", box.left},     {"top", box.top},         {"width", box.width},
                   {"height", box.height}, {"angle", reading.angle}, {"score", reading.face->score}};
  }
  if (!reading.probabilities.empty()) {
    row["expression"] = classes_[best_class(reading.probabilities)];
    for (size_t c = 0; c < classes_.size(); ++c) row["probabilities"][classes_[c]] = reading.probabilities[c];
    if (set_) row["set"] = set_of(reading);
  }
  if (!reading.remark.empty()) row["remark"] = reading.remark;
  return json_line(row);
}

}  // namespace leaf::app
