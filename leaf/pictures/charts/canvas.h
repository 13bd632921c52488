#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "leaf/pictures/image.h"

namespace leaf {

/// Whether there is something to draw and to write pictures with; where not, the terminal is told so, once.
bool can_draw();

constexpr Color kWhite = {255, 255, 255};

/// Where a text lies from its point.
enum class Align { left, center, right };

/// A sheet to draw figures on. Positions and sizes are pixels, x to the right and y down, fractions allowed; edges are smooth,
/// and what lies outside is cut off. Every color is RGB.
class Canvas {
 public:
  Canvas(int64_t height, int64_t width, Color background = kWhite);

  void rectangle(double left, double top, double width, double height, Color color);
  void line(double x0, double y0, double x1, double y1, Color color, double thickness = 1);
  /// A filled polygon through which `1 − opacity` of what lies below is seen.
  void polygon(const std::vector<std::pair<double, double>>& corners, Color color, double opacity = 1);

  /// One line of ASCII text (other characters become '?') whose capital letters are `size` pixels high and centered at y.
  void text(double x, double y, const std::string& text, double size, Color color, Align align = Align::left);
  /// The same, read from below: x is its middle, y its start, center or end from the bottom up.
  void upward_text(double x, double y, const std::string& text, double size, Color color, Align align = Align::left);
  /// The length of a text of that size.
  static double text_width(const std::string& text, double size);

  Image image() const;

 private:
  Image sheet_;  // finer than the result, so that edges become smooth
};

}  // namespace leaf
