// Stands in for pictures/charts/canvas.cpp where LEAF is built without OpenCV. Who draws asks can_draw() first.
#include "leaf/base/error.h"
#include "leaf/base/terminal.h"
#include "leaf/pictures/charts/canvas.h"

namespace leaf {
namespace {

[[noreturn]] void cannot_draw() { fail("charts cannot be drawn: this leaf was built without OpenCV (LEAF_WITH_OPENCV=OFF)"); }

}  // namespace

bool can_draw() {
  static const bool told = [] {
    remark("no pictures (PNG) are written: this leaf was built without OpenCV (LEAF_WITH_OPENCV=OFF)");
    return true;
  }();
  return !told;
}

Canvas::Canvas(int64_t /*height*/, int64_t /*width*/, Color /*background*/) { cannot_draw(); }
void Canvas::rectangle(double, double, double, double, Color) { cannot_draw(); }
void Canvas::line(double, double, double, double, Color, double) { cannot_draw(); }
void Canvas::polygon(const std::vector<std::pair<double, double>>&, Color, double) { cannot_draw(); }
void Canvas::text(double, double, const std::string&, double, Color, Align) { cannot_draw(); }
void Canvas::upward_text(double, double, const std::string&, double, Color, Align) { cannot_draw(); }
double Canvas::text_width(const std::string&, double) { cannot_draw(); }
Image Canvas::image() const { cannot_draw(); }

}  // namespace leaf
