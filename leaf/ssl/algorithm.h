#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "leaf/base/options.h"
#include "leaf/batches/batch.h"
#include "leaf/model/model.h"
#include "leaf/ssl/objective.h"
#include "leaf/ssl/options.h"
#include "leaf/ssl/outliers.h"

namespace leaf {

/// What an algorithm may know of the run it serves.
struct AlgorithmContext {
  int64_t classes = 0;                      ///< C
  int64_t features = 0;                     ///< D, width of the encoder
  ViewCount views{.weak = 0, .strong = 0};  ///< of a face in each step; make_algorithm() takes them from the description
  std::vector<int64_t> map;                 ///< {D, h, w}, the encoder's map of one view
  int64_t labeled_faces = 0;                ///< in the labeled pool
  int64_t unlabeled_faces = 0;              ///< in the unlabeled pool
  int64_t labeled_batch = 0;                ///< B
  int64_t unlabeled_batch = 0;              ///< U
  int64_t steps = 0;                        ///< length of the run
  int64_t labeled_steps = 0;                ///< the first of them, which have labeled faces alone
  std::vector<double> prior;                ///< [C] share of each class among the labeled faces
  std::vector<int64_t> labels;              ///< of each labeled face
  bool joint_passes = true;                 ///< one forward pass over all views of a step
  double label_smoothing = 0;               ///< share of a label that is spread over all classes
  double gate_balance = 0;                  ///< weight of the experts' balance loss; 0 = no such term
  CategoryOptions category;                 ///< the category level
  ImbalanceOptions imbalance;
  OutlierOptions outliers;
  double trust = 0;        ///< how much a teacher counts in what is believed (TeacherOptions)
  Model average{nullptr};  ///< the moving average of the model, for those that learn from it
};

/// What the moving average says of a pool after an epoch.
struct Predictions {
  torch::Tensor logits;       ///< [n, C], for the class shares that the model expects
  torch::Tensor labels;       ///< [n] int64
  torch::Tensor unshifted{};  ///< [n, C], for those that it learned (Output::unshifted); of augmented ones undefined
  torch::Tensor features{};   ///< [n, D], of faces as they are; of augmented ones undefined
};

/// One step on its way through an algorithm: what it reads, and what its passes and beliefs leave for the objective.
struct Step {
  Model& model;
  const Batch& batch;
  int64_t number;  ///< t, steps with unlabeled faces before this one; below 0 in the first phase, which has labels alone
  int64_t count;   ///< T, steps with unlabeled faces in the run
  std::vector<torch::Tensor> balances{};  ///< of each pass, scalars: how unevenly its gates use their experts
  torch::Tensor largest_class{};          ///< scalar, the share of the most frequent class among what is believed

  /// t/T: from 0 in the first step with unlabeled faces to nearly 1 in the last. What grows or falls over a run goes by this, so
  /// that a first phase of labels alone takes nothing from it.
  double progress() const { return static_cast<double>(number) / static_cast<double>(count); }
  /// A weight that grows linearly from 0 to 1 over the first `fraction` of them: see linear_ramp().
  double ramp(double fraction) const;
};

/// A semi-supervised algorithm: it reads a batch and states a loss. It never sees the optimizer. What it remembers from step
/// to step is a registered buffer, so that checkpoints, devices and resuming need no code.
class Algorithm : public torch::nn::Module {
 public:
  explicit Algorithm(AlgorithmContext context);

  /// The loss of one step, with gradients towards the parameters of the model and of the algorithm: the algorithm's own terms
  /// and, with a weight in the context, the experts' balance over its passes. A batch without views of unlabeled faces has the
  /// cross entropy of its labeled ones alone, and in the first steps of a run with a teacher that of its targets; unlabeled faces
  /// that are outliers never reach the algorithm. Watched beside its own
  /// figures: `rejected`, their share; `largest_class`, the share that the step's most frequent class has among the most probable
  /// ones of its unlabeled faces.
  Objective objective(Model& model, const Batch& batch);

  /// What `adapt` learns from once an epoch: nothing, the labeled faces as they are, or as the training loader gives them
  /// (augmented, shuffled, the last part cut off: the authors' code).
  enum class Adaptation { kNone, kOnFaces, kOnViews };
  virtual Adaptation adaptation() const { return Adaptation::kNone; }

  /// Once an epoch (from 1) unless the adaptation is none, with the labeled pool's predictions.
  virtual void adapt(const Predictions& /*labeled*/, int64_t /*epoch*/) {}

  /// What leaves outliers out, when the context asks for it: it is fit once an epoch.
  OutlierFilter outliers() const { return outliers_; }

  /// The class shares [C] that the network's logits are for, unshifted: those that labeled faces are drawn with,
  /// and what logit adjustment takes off them.
  torch::Tensor learned_shares() const;

  /// One confidence threshold a class [C], when the algorithm has such; for display.
  virtual torch::Tensor thresholds() const { return {}; }

 protected:
  virtual Objective loss(Step& step) = 0;

  /// Called in each step of a first phase of labels alone, for an algorithm that measures something of labeled faces.
  virtual void measure(const Step& /*step*/, const Output& /*labeled*/) {}

  /// Whose batch statistics the running ones follow in separate passes: of every view, or of the first alone (labeled faces), as
  /// in the public code of those with Description::separate_passes(). A joint pass is one batch, and they follow it: what
  /// evaluation normalizes by must be what labeled faces were normalized by, the statistics of all views.
  enum class Statistics { kOfAll, kOfFirst };

  /// One forward pass over all views, or one for each, as the context says.
  std::vector<Output> forward(Step& step, const std::vector<torch::Tensor>& views,
                              Statistics statistics = Statistics::kOfAll) const;

  /// What the moving average says of a view: evaluation mode, no gradient.
  Output teacher(const torch::Tensor& views) const;

  /// The mean cross entropy of labeled faces, a scalar; `unshifted` [n, C] are the logits for the class shares among them
  /// (Output::unshifted), targets [n, C]. Adjustment by those shares is added, and labels are smoothed, when that is switched on.
  torch::Tensor supervised_loss(const torch::Tensor& unshifted, const torch::Tensor& targets) const;
  /// The same of each face, [n].
  torch::Tensor supervised_losses(const torch::Tensor& unshifted, const torch::Tensor& targets) const;

  /// What a step may believe of its unlabeled faces, from probabilities [n, C]: without gradient, aligned when that is switched
  /// on. Call it once a step: the running mean moves. `aligned` is the same for further faces without moving it.
  torch::Tensor beliefs(Step& step, const torch::Tensor& probabilities);
  torch::Tensor aligned(const Step& step, const torch::Tensor& probabilities) const;

  // Alignment under a class shift. Beliefs come from shifted logits, and what they teach meets shifted logits. So they are pulled
  // to the shares that the shift stands for: pulled to others, each step would teach the network to undo the shift. Running means
  // are those of unshifted beliefs. Without a shift all of these leave everything as it is.

  /// Probabilities [n, C] for the class shares among the labels, out of ones for the shares that the model expects (Bayes' rule:
  /// the softmax of the unshifted logits out of that of the shifted ones).
  static torch::Tensor unshifted(const Step& step, const torch::Tensor& probabilities);
  /// The other way round; of shares [C] too.
  static torch::Tensor shifted(const Step& step, const torch::Tensor& probabilities);
  /// The class shares [C] that the model expects among unlabeled faces: learned_shares(), shifted; without a shift `otherwise`.
  torch::Tensor expected_shares(const Step& step, const torch::Tensor& otherwise) const;
  /// Beliefs [n, C] for the shares that the model expects, out of ones for even shares; without a shift themselves.
  torch::Tensor of_expected_shares(const Step& step, const torch::Tensor& even) const;

  /// Probabilities of the step's unlabeled faces [U, C] where a teacher is believed in part: the mean of both, the teacher's
  /// weighted by its trust. Without a teacher themselves. beliefs() has it done.
  torch::Tensor with_teacher(const Step& step, const torch::Tensor& probabilities) const;

  /// [n], how badly a view of each face fits what is believed of it. Category level off: cross entropy against `targets`
  /// ([n] classes or [n, C]); on: category_loss(), the positive classes taken from `believed` [n, C].
  torch::Tensor pseudo_label_loss(const torch::Tensor& logits, const torch::Tensor& targets, const torch::Tensor& believed) const;

  const AlgorithmContext context_;

 private:
  /// A batch without the unlabeled faces that are outliers, and their share, a scalar.
  struct Filtered {
    Batch batch;
    torch::Tensor share;
  };
  Filtered without_outliers(const Batch& batch) const;
  /// The cross entropy of the labeled faces alone, or beside it that of a teacher's targets.
  Objective first_objective(Step& step);

  OutlierFilter outliers_{nullptr};
  torch::Tensor log_prior_;      ///< [C], buffer
  torch::Tensor mean_belief_;    ///< [C], buffer, of unshifted beliefs; not a number until the first step
  torch::Tensor wanted_belief_;  ///< [C], buffer: what alignment scales it to where nothing is shifted
};

}  // namespace leaf
