#include "leaf/train/session.h"

#include <algorithm>

#include "leaf/base/bytes.h"
#include "leaf/base/error.h"
#include "leaf/model/precision.h"
#include "leaf/ssl/alignment.h"
#include "leaf/ssl/class_shares.h"
#include "leaf/ssl/face_space.h"

namespace leaf {
namespace {

constexpr double kNoShare = 1e-6;  ///< a class with less is not among the labels

/// A hash of the names of a pool's faces in their order: what an algorithm remembers of a face, it remembers by position.
std::string faces_of(const Pool& pool) {
  uint64_t hash = hash_bytes("");
  for (const auto row : pool.rows) hash = hash_bytes(pool.dataset->records[row].name(), hash);
  return fmt::format("{:016x}", hash);
}

Json identity_of(const Config& config, const Pools& pools) {
  return {{"algorithm", config.algorithm},
          {"model", config.to_json().at("model")},
          {"optimizer", config.optimizer.kind},
          {"seed", config.train.seed},
          {"classes", pools.labeled.dataset->classes},
          {"labeled_faces", pools.labeled.size()},
          {"unlabeled_faces", pools.unlabeled.size()},
          {"labeled_names", faces_of(pools.labeled)},
          {"unlabeled_names", faces_of(pools.unlabeled)}};
}

/// {D, h, w} of what the encoder makes of one view.
std::vector<int64_t> map_of(Model& model, int64_t view_size, torch::Device device) {
  const torch::NoGradGuard no_gradient;
  model->eval();
  const auto map = model->forward(torch::zeros({1, 3, view_size, view_size}, device)).map;
  return {map.size(1), map.size(2), map.size(3)};
}

/// Batch normalization cannot take one value a channel, which is what one face at one pixel leaves.
void check_batch(const Config& config, const ViewCount& views, const std::vector<int64_t>& map) {
  const auto& train = config.train;
  const bool labeled_only = views.unlabeled() == 0 || train.labeled_steps > 0;
  const int64_t smallest = train.passes == "joint" && !labeled_only ? views.total(train.labeled_batch, train.unlabeled_batch)
                           : labeled_only                           ? train.labeled_batch
                           : train.labeled_batch == 0               ? train.unlabeled_batch
                                                                    : std::min(train.labeled_batch, train.unlabeled_batch);
  if (smallest > 1 || map[1] * map[2] > 1) return;
  fail_usage(
      "a pass over one face, of which the encoder leaves one pixel, has no batch statistics; raise train.labeled_batch or "
      "train.unlabeled_batch to at least 2, or views.size");
}

AlgorithmContext context_of(const Config& config, const Pool& unlabeled, const Pool& labeled, State& state,
                            torch::Device device) {
  const bool has_experts = config.model.semantic.enabled || config.model.instance.enabled;
  return {.classes = static_cast<int64_t>(labeled.dataset->classes.size()),
          .features = state.model->width(),
          .map = map_of(state.model, config.views.size, device),
          .labeled_faces = labeled.size(),
          .unlabeled_faces = unlabeled.size(),
          .labeled_batch = config.train.labeled_batch,
          .unlabeled_batch = config.train.unlabeled_batch,
          .steps = config.train.steps,
          .labeled_steps = config.train.labeled_steps,
          .prior = class_shares(labeled),
          .labels = labels_of(labeled),
          .joint_passes = config.train.passes == "joint",
          .label_smoothing = config.train.label_smoothing,
          .gate_balance = has_experts ? config.train.gate_balance : 0,
          .category = config.category,
          .imbalance = config.imbalance,
          .outliers = config.outliers,
          .trust = config.teacher.trust,
          .average = state.average};
}

/// The faces whose labels an algorithm may see: the labeled ones or, for one that learns from every label, all of the training
/// part that have a label.
Pool labels_seen(const Pools& pools, const Description& about) {
  auto seen = pools.labeled;
  if (!about.every_label || pools.unlabeled.size() == 0) return seen;
  if (pools.unlabeled.dataset != seen.dataset)
    fail("learning from every label needs unlabeled faces of the same source, whose labels are known; leave --unlabeled out");
  for (const auto row : pools.unlabeled.rows) {
    if (seen.dataset->records[row].label != kUnlabeled) seen.rows.push_back(row);
  }
  return seen;
}

/// Throws Error unless there are faces to learn from, and in self-supervised learning enough for one step.
void check_faces(const Config& config, const Pools& pools, bool self_supervised) {
  const int64_t faces = pools.unlabeled.size(), a_step = config.train.unlabeled_batch;
  if (!self_supervised && pools.labeled.size() == 0) fail("training needs labeled faces, but {} has none", config.data.source);
  if (self_supervised && faces == 0) fail("pretraining needs faces, but {} has none in its training part", config.data.source);
  if (self_supervised && faces < a_step) {
    fail("a step of {} takes {} different faces, but {} has {} to learn from; take more faces, or fewer a step with --batch {}",
         config.algorithm, a_step, config.data.source, faces, faces);
  }
}

/// Throws Error where outliers are to be rejected without a face that says how far is too far.
void check_outliers(const OutlierOptions& outliers, const Pools& pools) {
  if (outliers.reject == "none" || pools.validation.size() > 0) return;
  fail(
      "outliers.reject = {} measures how far is too far on labeled faces that are not learned, but no class has five labels to "
      "spare one; raise data.labels, name further faces with --validation, or leave outliers.reject out",
      outliers.reject);
}

/// The unlabeled faces without the pictures that are no faces, where these are to be left out.
Pool unlabeled_faces(const Config& config, const Pools& pools) {
  const bool filters = config.outliers.reject == "face_space" && pools.unlabeled.size() > 0;
  if (!filters) return pools.unlabeled;
  return within_face_space(pools.unlabeled, pools.labeled, pools.validation, config.views, config.outliers);
}

/// What a teacher says of `kept` faces out of the pool that it was asked about; both are in one order.
torch::Tensor taught_of(const torch::Tensor& taught, const Pool& asked, const Pool& kept) {
  if (!taught.defined() || kept.size() == asked.size()) return taught;
  std::vector<int64_t> positions;
  for (int64_t i = 0; i < asked.size() && positions.size() < kept.rows.size(); ++i) {
    if (asked.rows[i] == kept.rows[positions.size()]) positions.push_back(i);
  }
  return taught.index_select(0, torch::tensor(positions));
}

LoaderOptions loader_options(const Config& config, const ViewCount& views, const torch::Tensor& taught) {
  const auto& train = config.train;
  return {.views = config.views,
          .count = views,
          .labeled_batch = train.labeled_batch,
          .unlabeled_batch = train.unlabeled_batch,
          .labeled_steps = train.labeled_steps,
          .taught = taught,
          .taught_batch = taught.defined() ? config.teacher.batch : 0,
          .class_balanced = config.imbalance.sampling == "classes",
          .seed = static_cast<uint64_t>(train.seed)};
}

/// The class shares [C] that the unshifted logits of a trained model hold: those of the labels or, with a teacher, of what it
/// says of the faces, for it knows classes that have no label.
torch::Tensor held_shares(const Algorithm& algorithm, const Knowledge& known) {
  const auto learned = algorithm.learned_shares();
  if (!known.taught.defined()) return learned;
  const auto taught = known.taught.mean(0);
  return known.shares.defined() ? normalized(taught * torch::exp(-class_shift(known.shares, learned))) : taught;
}

int64_t parameter_count(const Model& model) {
  int64_t count = 0;
  for (const auto& parameter : model->parameters()) count += parameter.numel();
  return count;
}

}  // namespace

Session make_session(const LocalConfig& local, const Pools& pools, const Knowledge& known) {
  const auto& config = *local;
  const auto& about = local.description();
  check_faces(config, pools, about.self_supervised);
  check_outliers(config.outliers, pools);

  Session session{
      local, pools, config.train.device == "cuda" ? torch::kCUDA : torch::kCPU, {}, nullptr, nullptr, identity_of(config, pools)};
  prepare(session.device);
  auto& state = session.state;
  // Without labels the classifier is never used or moved; two classes are the fewest that a model has.
  const auto classes = about.self_supervised ? 2 : static_cast<int64_t>(pools.labeled.dataset->classes.size());
  state.model = make_model(config.model, classes, config.views.size);
  state.model->to(session.device);
  state.average = make_model(config.model, classes, config.views.size);
  state.average->to(session.device);
  copy_state(*state.model, *state.average);
  for (auto& parameter : state.average->parameters()) parameter.set_requires_grad(false);

  const auto labeled = labels_seen(pools, about), unlabeled = unlabeled_faces(config, pools);
  const auto context = context_of(config, unlabeled, labeled, state, session.device);
  state.algorithm = make_algorithm(config.algorithm, context, config.algorithm_options);
  state.algorithm->to(session.device);
  check_batch(config, about.views, context.map);
  state.averaging = std::make_unique<MovingAverage>(*state.model, *state.average, config.average, state.model->listings());
  session.learner = std::make_shared<Learner>(state.model, state.algorithm);
  state.optimizer = std::make_unique<Optimizer>(*session.learner, config.optimizer);
  session.loader = std::make_unique<Loader>(
      labeled, unlabeled, loader_options(config, about.views, taught_of(known.taught, pools.unlabeled, unlabeled)));
  if (state.model->shift().defined() && known.shares.defined())
    state.expect(class_shift(known.shares, state.algorithm->learned_shares()));
  if (config.imbalance.aim == "balanced") aim_at_balance(state, held_shares(*state.algorithm, known));
  return session;
}

void aim_at_balance(State& state, const torch::Tensor& held) {
  const auto even = (held > kNoShare).to(torch::kFloat32);
  state.aim = class_shift((even / even.sum()).clamp_min(kNoShare), held);
}

RunStart start_of(const Session& session) {
  const auto& config = *session.config;
  const auto& train = config.train;
  auto labels = labels_spent(session.pools, config.data);
  labels.learned = session.loader->labeled().size();  // some algorithms see every label
  return {.algorithm = config.algorithm,
          .backbone = config.model.backbone,
          .device = session.device.str(),
          .classes = session.pools.labeled.dataset->classes,
          .labels = labels,
          .unlabeled = session.loader->unlabeled().size(),
          .rejected = session.pools.unlabeled.size() - session.loader->unlabeled().size(),
          .first_step = session.state.step,
          .steps = train.steps,
          .first_views = session.loader->views_before(session.state.step),
          .views = session.loader->views_before(train.steps),
          .parameters = parameter_count(session.state.model),
          .threads = train.threads};
}

}  // namespace leaf
