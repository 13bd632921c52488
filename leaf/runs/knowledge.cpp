#include "leaf/runs/knowledge.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/runs/teacher.h"
#include "leaf/ssl/class_shares.h"

namespace leaf {
namespace {

std::vector<double> numbers(const torch::Tensor& values) {
  const auto doubles = values.to(torch::kFloat64).contiguous();
  return {doubles.data_ptr<double>(), doubles.data_ptr<double>() + doubles.numel()};
}

std::string shares_text(const std::vector<std::string>& classes, const torch::Tensor& shares) {
  std::vector<std::string> words;
  const auto values = numbers(shares);
  for (size_t c = 0; c < classes.size(); ++c) words.push_back(fmt::format("{} {:.0f} %", classes[c], 100 * values[c]));
  return join(words);
}

/// The mean of the estimates that each network's calibrated word gives; undefined where there is no network.
torch::Tensor shares_of(const CrossFit& fit, const torch::Tensor& labeled) {
  if (fit.unlabeled.empty()) return {};
  const auto calibration = calibrate(fit.held_out, fit.labels);
  auto sum = torch::zeros_like(labeled);
  for (const auto& logits : fit.unlabeled) sum += estimate_shares(calibration.apply(logits), labeled);
  return sum / static_cast<double>(fit.unlabeled.size());
}

/// The shares that a run began with. Throws Error unless they are those of its classes.
torch::Tensor kept_shares(const Json& kept, const std::vector<std::string>& classes) {
  constexpr double kRounding = 1e-3;
  const auto shares = kept.get<std::vector<double>>();
  const bool positive = std::all_of(shares.begin(), shares.end(), [](double share) { return share > 0; });
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (shares.size() != classes.size() || !positive || std::abs(sum - 1) > kRounding)
    fail(
        "the run's known.json is damaged: \"class_shares\" should be {} shares above 0 whose sum is 1, not {}; "
        "begin the run anew with --force",
        classes.size(), kept.dump());
  return torch::tensor(shares, torch::kFloat64).to(torch::kFloat32);
}

}  // namespace

Knowledge find_out(const ResolvedConfig& config, const Pools& pools, const Json& kept, const BeginSession& begin,
                   Observer& observer) {
  Knowledge known;
  const auto& classes = pools.labeled.dataset->classes;
  const auto of_labels = class_shares(pools.labeled);
  const auto labeled = torch::tensor(of_labels, torch::kFloat64).to(torch::kFloat32);
  const bool estimates = config->imbalance.shares == "unlabeled" && !config.description().self_supervised;
  torch::Tensor judged;  // of the unlabeled faces by the teacher, for the shares among the labels
  if (const auto& path = config->teacher.model; !path.empty()) {
    const auto local = on_this_machine(config);
    at::set_num_threads(static_cast<int>(local->train.threads));
    Teacher teacher(path, classes, of_labels, config->data.cache, local->train.device == "cuda" ? torch::kCUDA : torch::kCPU);
    const auto before = kept.contains("teacher") ? kept.at("teacher").at("source").get<std::string>() : teacher.source();
    if (before != teacher.source())
      fail("the run began with the teacher {}, but this is {}; give it back, or begin a new run", before, teacher.source());
    const auto calibration =
        calibrate(teacher.judge(pools.labeled, "teacher: labeled faces", observer), torch::tensor(labels_of(pools.labeled)));
    judged = calibration.apply(teacher.judge(pools.unlabeled, "teacher: unlabeled faces", observer));
    known.record["teacher"] = {{"source", teacher.source()},
                               {"unknown_classes", teacher.unknown()},
                               {"temperature", calibration.temperature},
                               {"bias", numbers(calibration.bias)}};
    observer.on_note(fmt::format("the teacher is {}{}", teacher.source(),
                                 teacher.unknown().empty() ? "" : "; it does not know " + join(teacher.unknown())));
  }
  if (estimates && pools.unlabeled.size() > 0) {
    if (kept.contains("class_shares")) {
      known.shares = kept_shares(kept.at("class_shares"), classes);
    } else {
      known.shares =
          judged.defined() ? estimate_shares(judged, labeled) : shares_of(cross_fit(config, pools, begin, observer), labeled);
      observer.on_note(known.shares.defined()
                           ? "class shares of the unlabeled faces, as estimated: " + shares_text(classes, known.shares)
                           : "one label does not tell the class shares of the unlabeled faces: none are expected");
    }
    if (known.shares.defined()) known.record["class_shares"] = numbers(known.shares);
  }
  if (judged.defined()) known.taught = (known.shares.defined() ? judged + class_shift(known.shares, labeled) : judged).softmax(1);
  return known;
}

void keep_knowledge(const Knowledge& known, const RunFolder& folder) {
  if (!known.record.empty()) write_file(folder.known(), json_text(known.record));
}

Json kept_knowledge(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.known())) return Json::object();
  auto kept = parse_json(read_file(folder.known(), 1 << 20));
  const auto is_number = [](const Json& value) { return value.is_number(); };
  const auto shares = kept.is_object() ? kept.value("class_shares", Json::array()) : Json();
  const auto teacher = kept.is_object() ? kept.value("teacher", Json({{"source", ""}})) : Json();
  const bool named = teacher.is_object() && teacher.value("source", Json()).is_string();
  if (!shares.is_array() || !std::all_of(shares.begin(), shares.end(), is_number) || !named)
    fail("{} is damaged: it should be a JSON object with \"class_shares\" and \"teacher\"; begin the run anew with --force",
         folder.known().string());
  return kept;
}

}  // namespace leaf
