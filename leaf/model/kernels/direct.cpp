#include "leaf/model/kernels/direct.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace leaf {
namespace {

using direct::Meeting;
using torch::Tensor;

constexpr int64_t kFewestImages = 4;  ///< below it too few registers are at work
constexpr int64_t kFewChannels = 8;   ///< so many or fewer are taken a row of the kernel at a time

using Meetings = std::vector<std::vector<Meeting>>;

/// Adds a place and the pixel that it meets, to its neighbor if that was the last.
void add(std::vector<Meeting>& meetings, int64_t place, int64_t source) {
  if (!meetings.empty() && meetings.back().place + meetings.back().count == place &&
      meetings.back().source + meetings.back().count == source) {
    ++meetings.back().count;
  } else {
    meetings.push_back({place, source, 1});
  }
}

/// Along one direction: forward for each result the places of the kernel that meet an input; for the gradient for each input the
/// results that it had a part in, by the places of the turned kernel.
Meetings meetings_of(const Shape& shape, DirectConvolution::Pass pass, int64_t results, int64_t inputs) {
  const bool forward = pass == DirectConvolution::Pass::kForward;
  const int64_t kernel = shape.weight[2];
  Meetings meetings(forward ? results : inputs);
  for (int64_t i = 0; i < results; ++i) {
    for (int64_t place = 0; place < kernel; ++place) {
      const int64_t input = i * shape.stride - shape.padding + place;
      if (input < 0 || input >= inputs) continue;
      forward ? add(meetings[i], place, input) : add(meetings[input], kernel - 1 - place, i);
    }
  }
  return meetings;
}

/// Of maps [n, c, h, w] in channels-last order.
direct::Steps steps(const std::vector<int64_t>& maps) { return {maps[1] * maps[2] * maps[3], maps[1] * maps[3]}; }

const uint16_t* bits(const Tensor& tensor) { return static_cast<const uint16_t*>(tensor.data_ptr()); }

int64_t even(int64_t count) { return (count + 1) / 2 * 2; }

/// Whether the kernel is taken a row at a time.
bool is_flat(const Shape& shape, DirectConvolution::Pass pass) {
  const auto& w = shape.weight;
  return pass == DirectConvolution::Pass::kForward && w[1] <= kFewChannels &&
         w[2] * even(w[3] * w[1]) / 2 <= direct::kMostOffsets;
}

}  // namespace

bool direct::take(const Shape& shape) {
  return is_supported() && shape.type == torch::kBFloat16 && shape.has_channels_last_weights();
}

bool DirectConvolution::serves(const Shape& shape, Pass pass) {
  const int64_t out = shape.weight[0], in = shape.weight[1];
  const int64_t source = pass == Pass::kForward ? in : out, result = pass == Pass::kForward ? out : in;
  return direct::take(shape) && shape.images[0] >= kFewestImages && (source % 2 == 0 || is_flat(shape, pass)) &&
         result % direct::kChannels == 0;
}

DirectConvolution::DirectConvolution(const Shape& shape, Pass pass) : pass_(pass), shape_(shape) {
  const auto output = shape.output();
  const bool forward = pass == Pass::kForward;
  const auto &source = forward ? shape.images : output, &result = forward ? output : shape.images;
  loops_.rows = meetings_of(shape, pass, output[2], shape.images[2]);
  loops_.columns = meetings_of(shape, pass, output[3], shape.images[3]);
  loops_.kernel_rows = shape.weight[2];
  loops_.kernel_columns = shape.weight[3];
  loops_.in = loops_.pixel = source[1];
  loops_.out = result[1];
  loops_.source = steps(source);
  loops_.result = steps(result);
  loops_.flat = is_flat(shape, pass);
  if (loops_.flat) {
    const int64_t in = shape.weight[1],
                  row = (shape.images[3] + 2 * shape.padding) * in + 1;  // one number more, where an odd count is made even
    for (int64_t i = 0; i < output[3]; ++i) loops_.columns[i] = {{0, i, 1}};
    loops_.kernel_columns = 1;
    loops_.in = even(shape.weight[3] * in);
    loops_.pixel = shape.stride * in;
    loops_.source = {shape.images[2] * row, row};
  }
}

/// Images with zeros at both ends of each row, [n, H, (W + 2 · padding) · in + 1].
Tensor DirectConvolution::padded(const Tensor& images) const {
  const int64_t row = images.size(3) * images.size(1), edge = shape_.padding * images.size(1);
  auto result = torch::empty({images.size(0), images.size(2), loops_.source.row}, images.options());
  auto* const to = static_cast<uint16_t*>(result.data_ptr());
  at::parallel_for(0, images.size(0) * images.size(2), 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      auto* const target = to + i * loops_.source.row;
      std::fill_n(target, edge, uint16_t{0});
      std::copy_n(bits(images) + i * row, row, target + edge);
      std::fill_n(target + edge + row, edge + 1, uint16_t{0});
    }
  });
  return result;
}

/// Rows of the kernel, [out, k, k · in], filled up to an even number with zeros.
Tensor DirectConvolution::flattened(const Tensor& weight) const {
  const auto rows = weight.permute({0, 2, 3, 1}).flatten(2);
  return torch::constant_pad_nd(rows, {0, loops_.in - rows.size(2)});
}

Tensor DirectConvolution::pack(const Tensor& kernel) const {
  const auto weight = loops_.flat ? flattened(kernel) : kernel;
  const int64_t places = loops_.kernel_rows * loops_.kernel_columns, blocks = loops_.out / direct::kChannels,
                part = loops_.in / 2 * direct::kChannels;
  auto packed = torch::empty({blocks * places, part}, torch::kInt32);
  auto* const to = reinterpret_cast<uint32_t*>(packed.data_ptr<int32_t>());
  if (pass_ == Pass::kForward) {
    at::parallel_for(0, blocks * places, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        direct::pack(bits(weight), places, loops_.in, i / places * direct::kChannels, i % places, to + i * part);
    });
  } else {
    at::parallel_for(0, loops_.in / 2, 8, [&](int64_t begin, int64_t end) {
      for (int64_t pair = begin; pair < end; ++pair)
        direct::pack_transposed(bits(weight), loops_.in, places, loops_.out, pair, to);
    });
  }
  return packed;
}

void DirectConvolution::run(const Tensor& maps, const Tensor& packed, Tensor& result, const direct::Ending& ending) const {
  const auto source = loops_.flat ? padded(maps) : maps;
  const int64_t rows = static_cast<int64_t>(loops_.rows.size()), images = shape_.images[0],
                groups = (images + direct::kImages - 1) / direct::kImages;
  const auto* const weights = reinterpret_cast<const uint32_t*>(packed.data_ptr<int32_t>());
  auto* const to = static_cast<uint16_t*>(result.data_ptr());
  at::parallel_for(0, groups * rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t group = i / rows, first = images * group / groups,
                    count = images * (group + 1) / groups - first;  // groups of nearly one size
      direct::convolve_row(loops_, count, i % rows, bits(source) + first * loops_.source.image, weights, ending,
                           to + first * loops_.result.image);
    }
  });
}

}  // namespace leaf
