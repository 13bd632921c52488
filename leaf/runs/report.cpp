#include "leaf/runs/report.h"

#include "leaf/base/bytes.h"
#include "leaf/pictures/charts/canvas.h"
#include "leaf/pictures/charts/chart.h"
#include "leaf/pictures/codec.h"

namespace leaf {
namespace {

/// How often the model is right where it is so sure, beside how often it should be.
Image reliability_picture(const Metrics& metrics) {
  LineChart chart{fmt::format("expected calibration error {:.1f} %", 100 * metrics.calibration_error),
                  "probability of the likeliest class",
                  "share of right answers",
                  {},
                  false,
                  true};
  Series model{"the model", {}, {}, {}};
  for (const auto& bin : metrics.reliability) {
    if (bin.faces == 0) continue;
    model.x.push_back(bin.confidence);
    model.y.push_back(bin.accuracy);
  }
  chart.series = {{"as it should be", {0, 1}, {0, 1}, {}}, model};
  return line_chart(chart);
}

}  // namespace

void write_report(const std::filesystem::path& folder, const Metrics& metrics, const Json& content) {
  make_folder(folder);
  if (metrics.faces > 0) {
    write_file(folder / "confusion.csv", confusion_csv(metrics));
    write_file(folder / "classes.csv", classes_csv(metrics));
    const auto title = fmt::format("accuracy {:.1f} % on {} faces", 100 * metrics.accuracy, metrics.faces);
    write_file(folder / "reliability.csv", reliability_csv(metrics));
    if (can_draw()) {
      write_png(folder / "confusion.png", confusion_picture(metrics.classes, metrics.confusion, title));
      write_png(folder / "reliability.png", reliability_picture(metrics));
    }
  }
  write_file(folder / "report.json", json_text(content));
}

}  // namespace leaf
