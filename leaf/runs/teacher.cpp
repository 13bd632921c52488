#include "leaf/runs/teacher.h"

#include <algorithm>
#include <limits>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/batches/loader.h"
#include "leaf/model/formats/safetensors.h"
#include "leaf/model/precision.h"

namespace leaf {
namespace {

constexpr int64_t kAtOnce = 128;         ///< faces
constexpr double kRarest = 1e-3;         ///< share of a class that it does not know and that no label has
constexpr double kNoProbability = 1e-6;  ///< so that logarithms are numbers

constexpr const char* kProbabilities = "probabilities";

}  // namespace

Teacher::Teacher(const std::string& path, const std::vector<std::string>& classes, const std::vector<double>& labeled,
                 std::string cache, torch::Device device)
    : file_(load_model(path)),
      device_(device),
      cache_(std::move(cache)),
      hash_(hash_bytes(read_file(model_path(path)))),
      places_(places_of(classes, file_.classes)),
      labeled_(labeled) {
  prepare(device_);
  file_.model->to(device_);
  if (device_.is_cpu()) avoid_slow_precision(file_);
  source_ = fmt::format("{} ({:016x})", std::filesystem::path(path).filename().string(), hash_);
  for (size_t c = 0; c < classes.size(); ++c) {
    if (places_[c] < 0) unknown_.push_back(classes[c]);
  }
  if (classes.size() - unknown_.size() < 2) {
    fail(
        "the teacher {} knows {}, but the faces are labeled {}: fewer than two classes have the same name; "
        "choose another teacher",
        path, join(file_.classes), join(classes));
  }
}

torch::Tensor Teacher::in_our_classes(const torch::Tensor& probabilities) const {
  auto result = torch::zeros({probabilities.size(0), static_cast<int64_t>(places_.size())});
  double left = 1;
  for (size_t c = 0; c < places_.size(); ++c) {
    const auto column = static_cast<int64_t>(c);
    if (places_[c] >= 0) {
      result.select(1, column) = probabilities.select(1, places_[c]);
    } else {
      left -= std::max(labeled_[c], kRarest);
    }
  }
  result *= std::max(left, kRarest) / result.sum(1, true).clamp_min(kNoProbability);
  for (size_t c = 0; c < places_.size(); ++c) {
    if (places_[c] < 0) result.select(1, static_cast<int64_t>(c)) = std::max(labeled_[c], kRarest);
  }
  return result.clamp_min(kNoProbability).log().log_softmax(1);
}

torch::Tensor Teacher::probabilities(const Pool& faces) {
  const auto views = plain_views(faces, 0, faces.size(), file_.views).to(device_);
  return ((file_.model->forward(views).probabilities() + file_.model->forward(views.flip(3)).probabilities()) / 2).cpu();
}

std::filesystem::path Teacher::memory_of(const Dataset& dataset) {
  auto& path = memories_[&dataset];
  if (!path.empty()) return path;
  uint64_t hash = hash_;
  for (int64_t row = 0; row < dataset.size(); ++row)
    hash = hash_pixels(dataset.faces->face(row), hash_bytes(dataset.records[row].name(), hash));
  return path = std::filesystem::path(cache_) / fmt::format("teacher-{:016x}.safetensors", hash);
}

torch::Tensor Teacher::judge(const Pool& faces, const std::string& what, Observer& observer) {
  const torch::NoGradGuard no_gradient;
  file_.model->eval();
  const auto& dataset = *faces.dataset;
  const int64_t classes = static_cast<int64_t>(file_.classes.size());
  const auto nothing = std::numeric_limits<float>::quiet_NaN();
  auto said = torch::full({dataset.size(), classes}, nothing);  // of each face of the data set; not a number: not asked yet
  std::filesystem::path memory;
  if (!cache_.empty()) {
    memory = memory_of(dataset);
    if (std::filesystem::exists(memory)) {
      const auto kept = read_safetensors(memory).tensors;
      const auto found = kept.find(kProbabilities);
      if (found != kept.end() && found->second.sizes() == said.sizes()) said = found->second.to(torch::kFloat32);
    }
  }
  const auto rows = torch::tensor(faces.rows, torch::kInt64);
  std::vector<int64_t> positions;
  const auto unasked = said.select(1, 0).isnan().contiguous();
  for (int64_t i = 0; i < faces.size(); ++i) {
    if (unasked.data_ptr<bool>()[faces.rows[i]]) positions.push_back(i);
  }
  const auto total = static_cast<int64_t>(positions.size());
  for (int64_t begin = 0; begin < total; begin += kAtOnce) {
    const int64_t end = std::min(begin + kAtOnce, total);
    Pool some{faces.dataset, {}};
    for (int64_t i = begin; i < end; ++i) some.rows.push_back(faces.rows[positions[i]]);
    said.index_copy_(0, torch::tensor(some.rows), probabilities(some));
    observer.on_progress(what, end, total);
  }
  if (!memory.empty() && total > 0) {
    make_folder(cache_);
    write_safetensors(memory, {{{kProbabilities, said}}, {{"teacher", source_}, {"faces", dataset.name}}});
  }
  return in_our_classes(said.index_select(0, rows));
}

}  // namespace leaf
