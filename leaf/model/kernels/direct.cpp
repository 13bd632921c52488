#include "leaf/model/kernels/direct.h"

#include <ATen/Parallel.h>

namespace leaf {
namespace {

using direct::Meeting;
using torch::Tensor;

constexpr int64_t kFewestImages = 4;  ///< below it too few registers are at work

using Meetings = std::vector<std::vector<Meeting>>;

/// Adds a place and the pixel that it meets, to its neighbor if that was the last.
void add(std::vector<Meeting>& meetings, int64_t place, int64_t source) {
  if (!meetings.empty() && meetings.back().place + meetings.back().count == place && meetings.back().source + meetings.back().count == source) {
    ++meetings.back().count;
  } else {
    meetings.push_back({place, source, 1});
  }
}

/// For each result along one direction, the places of the kernel that meet an input.
Meetings forward_meetings(const Shape& shape, int64_t results, int64_t inputs) {
  Meetings meetings(results);
  for (int64_t i = 0; i < results; ++i) {
    for (int64_t place = 0; place < shape.weight[2]; ++place) {
      const int64_t input = i * shape.stride - shape.padding + place;
      if (input >= 0 && input < inputs) add(meetings[i], place, input);
    }
  }
  return meetings;
}

/// The other way: for each input, the results that it had a part in, by the places of the turned kernel.
Meetings gradient_meetings(const Shape& shape, int64_t results, int64_t inputs) {
  Meetings meetings(inputs);
  for (int64_t i = 0; i < results; ++i) {
    for (int64_t place = 0; place < shape.weight[2]; ++place) {
      const int64_t input = i * shape.stride - shape.padding + place;
      if (input >= 0 && input < inputs) add(meetings[input], shape.weight[2] - 1 - place, i);
    }
  }
  return meetings;
}

/// Of maps [n, c, h, w] in channels-last order.
direct::Steps steps(const std::vector<int64_t>& maps) { return {maps[1] * maps[2] * maps[3], maps[1] * maps[3]}; }

const uint16_t* bits(const Tensor& tensor) { return static_cast<const uint16_t*>(tensor.data_ptr()); }

}  // namespace

bool DirectConvolution::serves(const Shape& shape, Pass pass) {
  const int64_t out = shape.weight[0], in = shape.weight[1];
  const int64_t source = pass == Pass::kForward ? in : out, result = pass == Pass::kForward ? out : in;
  return direct::is_supported() && shape.type == torch::kBFloat16 && !shape.bias && shape.has_channels_last_weights() && shape.images[0] >= kFewestImages && source % 2 == 0 &&
         result % direct::kChannels == 0;
}

DirectConvolution::DirectConvolution(const Shape& shape, Pass pass) : pass_(pass), images_(shape.images[0]) {
  const auto output = shape.output();
  loops_.kernel_rows = shape.weight[2];
  loops_.kernel_columns = shape.weight[3];
  if (pass == Pass::kForward) {
    loops_.rows = forward_meetings(shape, output[2], shape.images[2]);
    loops_.columns = forward_meetings(shape, output[3], shape.images[3]);
    loops_.in = shape.weight[1];
    loops_.out = shape.weight[0];
    loops_.source = steps(shape.images);
    loops_.result = steps(output);
  } else {
    loops_.rows = gradient_meetings(shape, output[2], shape.images[2]);
    loops_.columns = gradient_meetings(shape, output[3], shape.images[3]);
    loops_.in = shape.weight[0];
    loops_.out = shape.weight[1];
    loops_.source = steps(output);
    loops_.result = steps(shape.images);
  }
}

Tensor DirectConvolution::pack(const Tensor& weight) const {
  const int64_t places = loops_.kernel_rows * loops_.kernel_columns, blocks = loops_.out / direct::kChannels, part = loops_.in / 2 * direct::kChannels;
  auto packed = torch::empty({blocks * places, part}, torch::kInt32);
  auto* const to = reinterpret_cast<uint32_t*>(packed.data_ptr<int32_t>());
  if (pass_ == Pass::kForward) {
    at::parallel_for(0, blocks * places, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) direct::pack(bits(weight), places, loops_.in, i / places * direct::kChannels, i % places, to + i * part);
    });
  } else {
    at::parallel_for(0, loops_.in / 2, 8, [&](int64_t begin, int64_t end) {
      for (int64_t pair = begin; pair < end; ++pair) direct::pack_transposed(bits(weight), loops_.in, places, loops_.out, pair, to);
    });
  }
  return packed;
}

void DirectConvolution::run(const Tensor& source, const Tensor& packed, Tensor& result, const direct::Ending& ending) const {
  const auto rows = static_cast<int64_t>(loops_.rows.size()), groups = (images_ + direct::kImages - 1) / direct::kImages;
  const auto* const weights = reinterpret_cast<const uint32_t*>(packed.data_ptr<int32_t>());
  auto* const to = static_cast<uint16_t*>(result.data_ptr());
  at::parallel_for(0, groups * rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t group = i / rows, first = images_ * group / groups, count = images_ * (group + 1) / groups - first;  // groups of nearly one size
      direct::convolve_row(loops_, count, i % rows, bits(source) + first * loops_.source.image, weights, ending, to + first * loops_.result.image);
    }
  });
}

}  // namespace leaf
