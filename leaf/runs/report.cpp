#include "leaf/runs/report.h"

#include "leaf/base/bytes.h"
#include "leaf/pictures/charts/chart.h"
#include "leaf/pictures/codec.h"

namespace leaf {

void write_report(const std::filesystem::path& folder, const Metrics& metrics, const Json& content) {
  make_folder(folder);
  if (metrics.faces > 0) {
    write_file(folder / "confusion.csv", confusion_csv(metrics));
    write_file(folder / "classes.csv", classes_csv(metrics));
    const auto title = fmt::format("accuracy {:.1f} % on {} faces", 100 * metrics.accuracy, metrics.faces);
    write_png(folder / "confusion.png", confusion_picture(metrics.classes, metrics.confusion, title));
  }
  write_file(folder / "report.json", json_text(content));
}

}  // namespace leaf
