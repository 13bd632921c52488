#include "leaf/photos/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include "leaf/base/bytes.h"
#include "leaf/base/claim.h"
#include "leaf/base/error.h"
#include "leaf/base/json.h"
#include "leaf/base/stop.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"
#include "leaf/data/readers/class_folders.h"
#include "leaf/pictures/codec.h"
#include "leaf/pictures/contact_sheet.h"

namespace leaf {
namespace {

namespace fs = std::filesystem;

constexpr size_t kOnSheet = 200;  ///< faces
constexpr int64_t kAcross = 20;
constexpr size_t kLongestName = 180;  ///< bytes of a file's name that are kept

/// The name of a picture in found.jsonl: its path and frame.
using Name = std::pair<std::string, int64_t>;

/// "faces/happy/a.jpg-0.png". `several`: there are other inputs, in which a picture may have the same path.
std::string face_path(const Shot& shot, size_t number, bool several) {
  const fs::path inside(shot.inside);
  auto name = printable(inside.filename().string());
  if (several || name.size() > kLongestName)
    name = fmt::format("{}-{:016x}", name.substr(0, kLongestName), hash_bytes(shot.path));
  if (shot.frame >= 0) name += fmt::format("-{:06}", shot.frame);
  return (fs::path("faces") / printable(inside.parent_path().string()) / fmt::format("{}-{}.png", name, number)).string();
}

/// A picture's labels by its path below the input, from the input's labels.csv.
class Labels {
 public:
  explicit Labels(const std::vector<std::string>& inputs) {
    for (const auto& input : inputs) {
      const auto file = fs::path(input) / "labels.csv";
      if (std::error_code code; !fs::is_regular_file(file, code)) continue;
      const auto text = read_file(file);
      CsvReader reader(text, file.string());
      const CsvHeader header(reader);
      const auto path = header.at("path"), label = header.at("label");
      for (std::vector<std::string> fields; reader.next(fields);) {
        header.check(reader, fields);
        listed_[(fs::path(input) / fields[path]).lexically_normal().string()] = fields[label];
      }
      listing_.push_back((fs::path(input).lexically_normal() / "").string());
    }
  }

  /// Of the picture `inside` its input.
  std::string of(const fs::path& picture, const fs::path& inside) const {
    const auto path = picture.lexically_normal();
    if (const auto found = listed_.find(path.string()); found != listed_.end()) return found->second;
    const bool has_list =
        std::any_of(listing_.begin(), listing_.end(), [&](const std::string& input) { return path.string().starts_with(input); });
    const auto folder = inside.has_parent_path() ? inside.begin()->string() : "";
    return has_list || is_unlabeled_name(folder) ? "" : folder;
  }

 private:
  std::map<std::string, std::string> listed_;
  std::vector<std::string> listing_;  ///< inputs that have a list, with '/' behind them
};

Json line_of(const Sighting& sighting, bool several) {
  const auto& shot = sighting.shot;
  Json line = {{"path", shot.path}, {"inside", shot.inside}, {"stamp", file_stamp(shot.path)}};
  if (shot.frame >= 0) line.update({{"frame", shot.frame}, {"time", shot.time}});
  if (!sighting.trouble.empty()) line["trouble"] = sighting.trouble;
  line["faces"] = Json::array();
  for (size_t i = 0; i < sighting.faces.size(); ++i) {
    const auto& face = sighting.faces[i];
    const auto rounded = [](double value) { return std::round(value * 100) / 100; };
    Json points = Json::array();
    for (const auto& point : face.landmarks) points.push_back({rounded(point.x), rounded(point.y)});
    line["faces"].push_back({{"path", face_path(shot, i, several)},
                             {"left", rounded(face.box.left)},
                             {"top", rounded(face.box.top)},
                             {"width", rounded(face.box.width)},
                             {"height", rounded(face.box.height)},
                             {"angle", rounded(face_square(face, 0).angle)},
                             {"score", std::round(face.score * 10000) / 10000},
                             {"points", points}});
  }
  return line;
}

using Found = std::map<Name, Json>;

void write_found(const fs::path& file, const Found& found) {
  write_file(file, [&](const Sink& sink) {
    for (const auto& [name, line] : found) {
      sink(bytes_of(json_line(line) + "\n"));
    }
  });
}

/// What was found before. Lines that a crash cut off, or that are damaged, are taken out: those pictures are looked at again.
Found read_found(const fs::path& file) {
  Found found;
  if (!fs::exists(file)) return found;
  const auto content = read_file(file);
  bool damaged = !content.empty() && content.back() != '\n';
  for (const auto& text : split_words(content, '\n')) {
    if (text.empty()) continue;
    const auto line = parse_json(text);
    try {
      if (line.is_discarded() || !line.is_object()) throw std::invalid_argument("no object");
      for (const auto& face : line.at("faces")) {
        static_cast<void>(inner_path(face.at("path").get<std::string>()));
        for (const char* key : {"left", "top", "width", "height", "angle", "score"})
          static_cast<void>(face.at(key).get<double>());
      }
      for (const char* key : {"stamp", "inside"}) static_cast<void>(line.at(key).get<std::string>());
      found[{line.at("path").get<std::string>(), line.value("frame", int64_t{-1})}] = line;
    } catch (const std::exception&) {
      damaged = true;
    }
  }
  if (damaged) write_found(file, found);
  return found;
}

std::string rows_of(const Json& line, const std::string& label) {
  const auto source = csv_field(line["path"].get<std::string>());
  const auto when =
      line.contains("frame") ? fmt::format("{},{:.3f}", line["frame"].get<int64_t>(), line["time"].get<double>()) : ",";
  if (line["faces"].empty()) {
    const auto why = line.value("trouble", std::string(kNoFace));
    return fmt::format(",,{},{},,,,,,,,{}\n", source, when, csv_field(why));
  }
  std::string rows;
  for (const auto& face : line["faces"]) {
    const auto number = [&](const char* key) { return face[key].get<double>(); };
    std::string points;
    for (const auto& point : face["points"]) {
      points += fmt::format("{}{} {}", points.empty() ? "" : " ", point.at(0).get<double>(), point.at(1).get<double>());
    }
    rows += fmt::format("{},{},{},{},{},{},{},{},{},{},{},\n", csv_field(face["path"].get<std::string>()), csv_field(label),
                        source, when, number("left"), number("top"), number("width"), number("height"), number("angle"),
                        number("score"), points);
  }
  return rows;
}

Json description(const SightingOptions& options) {
  return {{"leaf_prepared", 1},
          {"finder", options.finder->name()},
          {"size", options.size},
          {"margin", options.margin},
          {"largest", options.largest}};
}

/// Throws Error unless the folder is empty, or was made in the same way.
void check_folder(const fs::path& folder, const Json& description) {
  const auto file = folder / "prepared.json";
  if (!fs::exists(file)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().filename() != "prepare.lock")
        fail("{} holds something else, {}; choose another folder", printable(folder.string()),
             printable(entry.path().filename().string()));
    }
    return;
  }
  if (parse_json(read_file(file)) != description)
    fail("{} was prepared with another detector, size or margin; choose another folder, or remove it",
         printable(folder.string()));
}

/// Goes through the pictures, and keeps what is found.
class Preparation {
 public:
  Preparation(const std::vector<std::string>& inputs, fs::path folder, const PrepareOptions& options)
      : folder_(std::move(folder)),
        options_(options),
        several_(inputs.size() > 1),
        labels_(inputs),
        before_(read_found(folder_ / "found.jsonl")),
        journal_(folder_ / "found.jsonl") {}

  /// The pictures that must be looked at; the others are counted.
  std::vector<Shot> unknown(std::vector<Shot> shots) {
    std::vector<Shot> result;
    for (auto& shot : shots) {
      if (shot.frame >= 0 && shot.frame % options_.every != 0) continue;
      const Name name(shot.path, shot.frame);
      order_.push_back(name);
      const auto found = before_.find(name);
      if (found == before_.end()) {
        result.push_back(std::move(shot));
        continue;
      }
      const auto before = before_.extract(found);
      const auto& line = before.mapped();
      if (line["stamp"] == file_stamp(shot.path) && there(line)) {
        ++counts_.known;
        now_[name] = line;
      } else {
        remove_faces(line);
        result.push_back(std::move(shot));
      }
    }
    return result;
  }

  void keep(const std::vector<Sighting>& sightings) {
    for (const auto& sighting : sightings) {
      auto line = line_of(sighting, several_);
      for (size_t i = 0; i < sighting.cut.size(); ++i) {
        const auto path = folder_ / line["faces"][i]["path"].get<std::string>();
        make_folder(path.parent_path());
        write_png(path, sighting.cut[i]);
      }
      journal_.append(json_line(line));
      now_[{sighting.shot.path, sighting.shot.frame}] = std::move(line);
    }
    journal_.sync();
  }

  /// faces.csv and faces.png, and nothing left of pictures that are gone.
  Prepared finish() {
    std::vector<Image> sheet;
    write_file(folder_ / "faces.csv", [&](const Sink& sink) {
      sink(bytes_of("path,label,source,frame,time,left,top,width,height,angle,score,points,remark\n"));
      for (const auto& name : order_) {
        const auto& line = now_.at(name);
        sink(bytes_of(rows_of(line, labels_.of(name.first, line["inside"].get<std::string>()))));
        ++counts_.pictures;
        counts_.faces += std::ssize(line["faces"]);
        counts_.broken += line.contains("trouble") ? 1 : 0;
        counts_.without += line["faces"].empty() && !line.contains("trouble") ? 1 : 0;
        for (const auto& face : line["faces"]) {
          if (sheet.size() < kOnSheet) sheet.push_back(read_image(folder_ / face["path"].get<std::string>()));
        }
      }
    });
    if (!sheet.empty()) write_png(folder_ / "faces.png", contact_sheet(sheet, kAcross));
    forget();
    return counts_;
  }

 private:
  bool there(const Json& line) const {
    return std::all_of(line["faces"].begin(), line["faces"].end(),
                       [&](const Json& face) { return fs::exists(folder_ / face["path"].get<std::string>()); });
  }

  void remove_faces(const Json& line) const {
    for (const auto& face : line["faces"]) fs::remove(folder_ / face["path"].get<std::string>());
  }

  /// Of pictures that are no longer among the inputs.
  void forget() {
    if (before_.empty()) return;
    for (const auto& [name, line] : before_) remove_faces(line);
    write_found(folder_ / "found.jsonl", now_);
  }

  const fs::path folder_;
  const PrepareOptions& options_;
  const bool several_;
  const Labels labels_;
  Found before_;  ///< what of earlier has not come up again
  Found now_;
  std::vector<Name> order_;
  LineFile journal_;
  Prepared counts_;
};

}  // namespace

Prepared prepare(const std::vector<std::string>& inputs, const fs::path& folder, const PrepareOptions& options,
                 const Album::Note& note, const PrepareProgress& progress) {
  const auto how = description(options.sighting);
  make_folder(folder);
  const auto lock = folder / "prepare.lock";
  const auto claim = Claim::attempt(lock);
  if (!claim)
    fail("{} is being prepared by {}; wait for it, or choose another folder", printable(folder.string()), Claim::holder(lock));
  remove_partial(folder);
  check_folder(folder, how);
  write_file(folder / "prepared.json", json_text(how));
  Preparation preparation(inputs, folder, options);
  Album album(inputs, note);
  for (;;) {
    auto shots = album.next();
    if (shots.empty()) break;
    preparation.keep(look_at(preparation.unknown(std::move(shots)), options.sighting, {}));
    progress(album.given(), std::max(album.given(), album.known()));
    if (StopSignals::asked() != 0) {
      throw Stopped(StopSignals::asked(), fmt::format("stopped; what was found is kept in {}, and the same command goes on",
                                                      printable(folder.string())));
    }
  }
  const auto prepared = preparation.finish();
  claim->remove_file();
  return prepared;
}

std::optional<double> prepared_margin(const std::string& source) {
  const fs::path place(source.substr(source.find(':') + 1));
  const auto file = place.parent_path() / "prepared.json";
  const auto name = place.filename();
  if ((name != "faces.csv" && name != "faces") || !fs::exists(file)) return std::nullopt;
  const auto how = parse_json(read_file(file));
  if (!how.is_object() || !how.contains("margin") || !how["margin"].is_number())
    fail("{} is damaged: it does not say with which margin the faces were cut out", printable(file.string()));
  return how["margin"].get<double>();
}

}  // namespace leaf
