#include "leaf/base/limits.h"

#include "leaf/base/error.h"
#include "leaf/base/options.h"
#include "leaf/base/text.h"

namespace leaf {
namespace {

Limits& own_limits() {
  static Limits own;
  return own;
}

}  // namespace

void describe(Options& options, Limits& limits) {
  constexpr double kMost = 1e15;  // a petabyte: no limit
  options.enter("picture");
  options.add("side", limits.picture.side, "height and width of a picture, pixels", 1, 65535);
  options.add("pixels", limits.picture.pixels, "height times width of a picture, pixels", 1, 65535.0 * 65535);
  options.add("memory", limits.picture.memory, "a picture's file, its pixels and what its decoder holds, bytes", 1, kMost);
  options.add("scans", limits.picture.scans, "scans of a JPEG: a decoder goes over the whole picture for each", 1, 1e6);
  options.add("work", limits.picture.work, "scans of a JPEG times its pixels", 1, kMost);
  options.leave();
  options.enter("archive");
  options.add("files", limits.archive.files, "entries of an archive", 1, 1e9);
  options.add("file_bytes", limits.archive.file_bytes, "one file of a data set, in an archive (unpacked) or a folder, bytes", 1,
              kMost);
  options.add("bytes", limits.archive.bytes, "what an archive unpacks to, with what is left out of it, bytes", 1, kMost);
  options.add("ratio", limits.archive.ratio, "unpacked bytes for one packed byte", 0, kMost);
  options.add("unsuspected", limits.archive.unsuspected, "unpacked bytes up to which that ratio is not looked at", 0, kMost);
  options.leave();
  options.enter("list");
  options.add("rows", limits.list.rows, "rows of a list of labels; a NumPy array may have twice as many values", 1, 1e9);
  options.add("fields", limits.list.fields, "fields of one row", 1, 1e6);
  options.add("classes", limits.list.classes, "classes of a data set or a model", 2, 1e6);
  options.leave();
  options.enter("model");
  options.add("view_cost", limits.model.view_cost,
              "pixels of a model's view, times 16 where its first layers keep their number (stem \"small\", WideResNet)", 1, 1e9);
  options.leave();
}

const Limits& limits() { return own_limits(); }
void set_limits(const Limits& limits) { own_limits() = limits; }

Limits parse_limits(std::string_view text) {
  Limits result;
  Options options;
  describe(options, result);
  for (const auto& word : split_words(text, ',')) {
    const auto setting = trim(word);
    if (setting.empty()) continue;
    const auto equals = setting.find('=');
    if (equals == std::string_view::npos)
      fail_usage("expected NAME=NUMBER, found \"{}\"; the names stand in SECURITY.md", printable(setting));
    options.set(trim(setting.substr(0, equals)), trim(setting.substr(equals + 1)));
  }
  return result;
}

}  // namespace leaf
