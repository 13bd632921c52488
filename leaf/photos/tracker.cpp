#include "leaf/photos/tracker.h"

#include <algorithm>
#include <tuple>

namespace leaf {
namespace {

constexpr double kSame = 0.3;      ///< the least intersection over union of a face and its place in the frame before
constexpr size_t kSmoothed = 256;  ///< tracks whose sums are kept

}  // namespace

std::vector<int64_t> Tracker::follow(const std::vector<Face>& faces) {
  std::vector<std::tuple<double, size_t, size_t>> pairs;  // how well they fit, face, track
  for (size_t f = 0; f < faces.size(); ++f) {
    for (size_t t = 0; t < tracks_.size(); ++t) {
      const double fit = intersection_over_union(faces[f].box, tracks_[t].box);
      if (fit >= kSame) pairs.emplace_back(fit, f, t);
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return std::get<0>(a) > std::get<0>(b); });
  std::vector<int64_t> numbers(faces.size(), -1);
  for (auto& track : tracks_) ++track.unseen;
  for (const auto& [fit, f, t] : pairs) {
    if (numbers[f] >= 0 || tracks_[t].unseen == 0) continue;
    numbers[f] = tracks_[t].number;
    tracks_[t].box = faces[f].box;
    tracks_[t].unseen = 0;
  }
  std::erase_if(tracks_, [](const Track& track) { return track.unseen > kPatience; });
  for (size_t f = 0; f < faces.size(); ++f) {
    if (numbers[f] >= 0) continue;
    numbers[f] = next_++;
    tracks_.push_back({numbers[f], faces[f].box, 0});
  }
  return numbers;
}

std::vector<float> Smoother::smooth(int64_t track, const std::vector<float>& probabilities) {
  auto found = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& sum) { return sum.track == track; });
  if (found == sums_.end()) {
    if (sums_.size() >= kSmoothed) sums_.erase(sums_.begin());
    sums_.push_back({track, std::vector<double>(probabilities.size()), 0});
    found = sums_.end() - 1;
  } else {
    std::rotate(found, found + 1, sums_.end());  // the last one was seen last
    found = sums_.end() - 1;
  }
  found->weight = found->weight * keep_ + 1;
  std::vector<float> smoothed(probabilities.size());
  for (size_t c = 0; c < probabilities.size(); ++c) {
    found->probabilities[c] = found->probabilities[c] * keep_ + probabilities[c];
    smoothed[c] = static_cast<float>(found->probabilities[c] / found->weight);
  }
  return smoothed;
}

}  // namespace leaf
