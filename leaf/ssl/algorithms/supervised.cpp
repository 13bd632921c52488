#include "leaf/ssl/algorithm.h"
#include "leaf/ssl/losses.h"

namespace leaf {
namespace {

struct SupervisedOptions {
  double balance = 1;
};

void describe(Options& options, SupervisedOptions& own) {
  options.add("balance", own.balance, "weight of the experts' balance loss", 0, 100);
}

/// Cross entropy on the labeled faces; the baseline that every other algorithm has to beat.
///
///     L = L_x (+ balance)
class Supervised : public Algorithm {
 public:
  using OwnOptions = SupervisedOptions;

  Supervised(const Setting& setting, OwnOptions options) : Algorithm(setting), options_(options) {}

  ViewCount views() const override { return {.weak = 0, .strong = 0}; }

  Objective objective(Model& model, const Batch& batch) override {
    const auto labeled = forward(model, {batch.labeled}).front();
    const auto supervised = cross_entropy(labeled.logits, batch.targets).mean();
    return {{"supervised", supervised, 1.0}, {"balance", labeled.balance, options_.balance}};
  }

 private:
  const OwnOptions options_;
};

const Registration kSupervised{algorithms(), "supervised", algorithm_entry<Supervised>("Supervised learning on the labeled faces", "the baseline")};

}  // namespace
}  // namespace leaf
