#include "leaf/faces/alignment.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "leaf/views/resize.h"

namespace leaf {
namespace {

/// The distance of eyes and mouth over the side of the square, as dlib's chips and face-api have it. With the middle of the three
/// centers in its own middle the square shows what FER2013's pictures show: of 1,500 faces of its validation part the square has
/// 0.97 of the side (0.88 to 1.05 the middle half), and its center lies 0.5 % beside and 0.5 % below theirs.
constexpr double kEyesToMouth = 0.45;
/// The same square out of a detector's box, which spans brows and chin: its side over the box's longer one.
constexpr double kSideOfBox = 1.15;

Point mean(const Landmarks& landmarks, int64_t begin, int64_t end) {
  Point sum;
  for (int64_t i = begin; i < end; ++i) sum = sum + landmarks[i];
  return sum * (1 / static_cast<double>(end - begin));
}

double distance(Point a, Point b) { return std::hypot((a - b).x, (a - b).y); }

struct Turn {
  double cos = 1, sin = 0;
  explicit Turn(double degrees)
      : cos(std::cos(degrees * std::numbers::pi / 180)), sin(std::sin(degrees * std::numbers::pi / 180)) {}
  Point operator()(double x, double y) const { return {x * cos - y * sin, x * sin + y * cos}; }
};

/// Pixels of [from, from + length) that a line of `most` has, at least one.
struct Span {
  int64_t from, length;
};

Span inside(double from, double length, int64_t most) {
  const double begin = std::clamp(std::floor(from), 0.0, static_cast<double>(most - 1));
  const double end = std::clamp(std::ceil(from + length), begin + 1, static_cast<double>(most));
  return {static_cast<int64_t>(begin), static_cast<int64_t>(end - begin)};
}

Image part_of(const Image& photo, Span rows, Span columns) {
  Image part(rows.length, columns.length);
  for (int64_t y = 0; y < rows.length; ++y)
    std::copy_n(photo.row(rows.from + y) + columns.from * 3, columns.length * 3, part.row(y));
  return part;
}

/// The color between four pixels around (x, y), pixel centers at 0.5.
void sample(const Image& picture, double x, double y, uint8_t* to) {
  const auto place = [](double at, int64_t length, int64_t& low, int64_t& high) {
    const double bounded = std::clamp(at - 0.5, 0.0, static_cast<double>(length - 1));
    low = static_cast<int64_t>(bounded);
    high = std::min(low + 1, length - 1);
    return bounded - static_cast<double>(low);
  };
  int64_t left = 0, right = 0, above = 0, below = 0;
  const double across = place(x, picture.width, left, right), down = place(y, picture.height, above, below);
  for (int64_t c = 0; c < 3; ++c) {
    const auto at = [&](int64_t row, int64_t column) { return static_cast<double>(picture.row(row)[column * 3 + c]); };
    const double upper = at(above, left) * (1 - across) + at(above, right) * across;
    const double lower = at(below, left) * (1 - across) + at(below, right) * across;
    to[c] = static_cast<uint8_t>(upper * (1 - down) + lower * down + 0.5);
  }
}

}  // namespace

FaceSquare face_square(const Face& face, double margin) {
  const double rim = 1 + 2 * margin;
  if (face.landmarks.empty()) {
    const auto& box = face.box;
    return {{box.left + box.width / 2, box.top + box.height / 2}, kSideOfBox * std::max(box.width, box.height) * rim, 0};
  }
  if (std::ssize(face.landmarks) != kLandmarks) throw std::logic_error("face_square needs 68 landmarks or none");
  const auto left_eye = mean(face.landmarks, 36, 42), right_eye = mean(face.landmarks, 42, 48),
             mouth = mean(face.landmarks, 48, 68);
  FaceSquare square;
  square.angle = std::atan2(right_eye.y - left_eye.y, right_eye.x - left_eye.x) * 180 / std::numbers::pi;
  const double side = std::max(1.0, (distance(left_eye, mouth) + distance(right_eye, mouth)) / 2 / kEyesToMouth);
  square.side = side * rim;
  square.center = (left_eye + right_eye + mouth) * (1.0 / 3);
  return square;
}

Point place_in(const FaceSquare& square, Point share) {
  return square.center + Turn(square.angle)(share.x * square.side, share.y * square.side);
}

Image cut_out(const Image& photo, const FaceSquare& square, int64_t size) {
  const Turn turn(square.angle);
  // What the photo has of the upright square that holds the turned one, first shrunk to the scale of the result.
  const double reach = square.side / 2 * (std::abs(turn.cos) + std::abs(turn.sin));
  const auto rows = inside(square.center.y - reach, 2 * reach, photo.height);
  const auto columns = inside(square.center.x - reach, 2 * reach, photo.width);
  const double step = square.side / static_cast<double>(size), shrinking = std::max(1.0, step);
  const auto shrunk = [&](int64_t length) { return std::max<int64_t>(1, std::llround(static_cast<double>(length) / shrinking)); };
  auto part = part_of(photo, rows, columns);
  if (step > 1) part = resize(part, shrunk(rows.length), shrunk(columns.length));
  const double scale_y = static_cast<double>(part.height) / static_cast<double>(rows.length);
  const double scale_x = static_cast<double>(part.width) / static_cast<double>(columns.length);
  Image face(size, size);
  for (int64_t y = 0; y < size; ++y) {
    for (int64_t x = 0; x < size; ++x) {
      const auto offset =
          turn((static_cast<double>(x) + 0.5) * step - square.side / 2, (static_cast<double>(y) + 0.5) * step - square.side / 2);
      sample(part, (square.center.x + offset.x - static_cast<double>(columns.from)) * scale_x,
             (square.center.y + offset.y - static_cast<double>(rows.from)) * scale_y, face.row(y) + x * 3);
    }
  }
  return face;
}

}  // namespace leaf
