#include "leaf/model/model.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "leaf/base/built.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/model/kernels/folded.h"
#include "leaf/model/modes.h"
#include "leaf/model/precision.h"

namespace leaf {
namespace {

/// Images that only predict pass the encoder so many at a time, so that their maps take little memory.
constexpr int64_t kAtOnce = 32;
constexpr int64_t kSmallViews = 64;  ///< below it, a stem that divides the image by four leaves too little

std::string resolved_stem(const std::string& stem, int64_t view_size) {
  if (stem == "imagenet" || stem == "small") return stem;
  if (stem != "auto") not_allowed("model.stem", stem);
  return view_size < kSmallViews ? "small" : "imagenet";
}

}  // namespace

ModelImpl::ModelImpl(std::shared_ptr<Backbone> backbone, int64_t classes, const ModelOptions& options)
    : low_precision_(chosen_precision(options) == "bfloat16"),
      fused_(options.kernels == "fused"),
      backbone_(register_module("backbone", std::move(backbone))) {
  dropout_ = register_module("dropout", torch::nn::Dropout(options.dropout));
  head_ = register_module("head", ExpressionHead(backbone_->width(), classes, options));
  if (options.class_shift) shift_ = register_buffer("shift", torch::zeros({classes}));
}

bool ModelImpl::is_fused(const torch::Tensor& images) const {
  static const bool has_kernels = built_with("onednn");
  if (!fused_ || images.size(0) == 0) return false;
  return images.is_cuda() || (has_kernels && (!low_precision_ || convolves_bfloat16()));
}

torch::Tensor ModelImpl::encode(const torch::Tensor& images, Pass pass) {
  if (folded_ && !is_training() && !torch::GradMode::is_enabled() && images.is_cpu() && images.size(0) > 0) {
    pass.folded = folded_.get();
    pass.fused = true;
    std::vector<torch::Tensor> maps;
    for (const auto& part : images.split(kAtOnce)) maps.push_back(backbone_->forward(folded_->input(part), pass));
    return maps.size() == 1 ? maps.front() : torch::cat(maps);
  }
  const auto ordered = images.contiguous(torch::MemoryFormat::ChannelsLast);
  pass.fused = is_fused(images);
  if (pass.fused) return backbone_->forward(low_precision_ ? ordered.to(torch::kBFloat16) : ordered, pass);
  if (!low_precision_) return backbone_->forward(ordered, pass);
  const LowPrecision scope(images.device().type());
  return backbone_->forward(ordered, pass);
}

Output ModelImpl::judge(const torch::Tensor& map) {
  const auto pooled =
      torch::adaptive_avg_pool2d(map.is_quantized() ? map.dequantize() : map, {1, 1}).flatten(1).to(torch::kFloat32);
  auto output = head_(dropout_(pooled));
  output.logits = shifted(output.unshifted);
  output.map = map;
  return output;
}

Output ModelImpl::forward(const torch::Tensor& images) { return judge(encode(images, {})); }

std::vector<Output> ModelImpl::forward_all(const std::vector<torch::Tensor>& views, bool joint, size_t followed) {
  std::vector<Output> outputs;
  if (joint && views.size() > 1) {
    const auto whole = forward(torch::cat(views));
    int64_t begin = 0;
    for (const auto& view : views) {
      outputs.push_back(whole.slice(begin, begin + view.size(0)));
      begin += view.size(0);
    }
  } else if (views.size() > 1 && std::all_of(views.begin(), views.end(), [&](const auto& view) { return is_fused(view); })) {
    Pass pass;
    pass.followed = followed;
    for (const auto& view : views) pass.batches.push_back(view.size(0));
    for (const auto& map : encode(torch::cat(views), pass).split_with_sizes(pass.batches)) outputs.push_back(judge(map));
  } else {
    std::optional<FrozenStatistics> frozen;
    for (const auto& view : views) {
      if (outputs.size() == followed) frozen.emplace(*this);
      outputs.push_back(forward(view));
    }
  }
  return outputs;
}

void ModelImpl::fold(const std::string& precision, double largest) {
  if (!built_with("onednn"))
    fail_usage("predicting in another precision than that of training takes oneDNN, which this leaf was built without");
  if (precision != "float32" && precision != "bfloat16" && precision != "int8")
    fail_usage("a network predicts in float32, bfloat16 or int8, not \"{}\"", printable(precision));
  if (precision == "bfloat16" && !convolves_bfloat16())
    fail_usage("this processor has no convolutions in bfloat16 (it takes AVX-512); choose float32 or int8");
  folded_ = std::make_shared<Folded>(precision, largest);
}

torch::Tensor ModelImpl::shifted(const torch::Tensor& unshifted) const {
  return shift_.defined() ? unshifted + shift_.to(unshifted.device()) : unshifted;
}

double ModelImpl::operations(int64_t size) {
  const torch::NoGradGuard no_gradient;
  const bool training = is_training();
  eval();
  double count = 0;
  Pass pass;
  pass.operations = &count;
  backbone_->forward(torch::zeros({1, 3, size, size}, parameters().front().device()), pass);
  train(training);
  return count;
}

LayerRecords ModelImpl::record(int64_t size) {
  const torch::NoGradGuard no_gradient;
  const bool training = is_training();
  eval();
  LayerRecords records;
  Pass pass;
  pass.records = &records;
  const auto map = backbone_->forward(torch::zeros({1, 3, size, size}), pass);
  train(training);
  TORCH_CHECK(!records.empty() && records.back().result.is_same(map), "the encoder's map is not the result of its last layer");
  return records;
}

std::map<std::string, int64_t> ModelImpl::listings() const {
  std::map<std::string, int64_t> result;
  for (const auto& [name, count] : head_->listings()) result["head." + name] = count;
  return result;
}

std::string chosen_stem(const ModelOptions& options, int64_t view_size) {
  return backbones().at(options.backbone).has_stems ? resolved_stem(options.stem, view_size) : "";
}

int64_t view_cost(const ModelOptions& options, int64_t view_size) {
  const auto& entry = backbones().at(options.backbone);
  const bool keeps = entry.has_stems ? resolved_stem(options.stem, view_size) == "small" : entry.keeps_size;
  return view_size * view_size * (keeps ? 16 : 1);
}

Model make_model(const ModelOptions& options, int64_t classes, int64_t view_size, std::optional<int64_t> head_numbers) {
  if (classes < 2) fail_usage("a model needs at least 2 classes, found {}", classes);
  const auto& entry = backbones().at(options.backbone);
  if (!entry.has_stems && options.stem == "imagenet") {
    fail_usage("{} has first layers of one kind only; set model.stem to auto", options.backbone);
  }
  if (view_size < entry.smallest) {
    fail_usage("{} needs views of at least {} pixels, found {}; set --size (views.size) or choose another --backbone",
               options.backbone, entry.smallest, view_size);
  }
  auto backbone = entry.make(resolved_stem(options.stem, view_size));
  if (head_numbers) {
    const double wanted = leaf::head_numbers(backbone->width(), classes, options);
    if (wanted > static_cast<double>(*head_numbers))
      fail("its options ask for {:.0f} numbers behind the encoder, it has {}", wanted, *head_numbers);
  }
  Model model(std::move(backbone), classes, options);
  order_channels_last(*model);
  return model;
}

}  // namespace leaf
