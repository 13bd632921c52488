#include "leaf/data/votes.h"

#include <algorithm>
#include <numeric>

#include "leaf/base/options.h"

namespace leaf {
namespace {

double sum(const Votes& votes) { return std::accumulate(votes.begin(), votes.end(), 0.0); }

Votes nobody() { return {}; }

Votes majority(const Votes& votes) {
  const auto largest = std::max_element(votes.begin(), votes.end());
  Votes kept = nobody();
  if (*largest > 0.5 * sum(votes)) kept[largest - votes.begin()] = *largest;
  return kept;
}

/// Equal counts are taken together, so that there may be more than three; "unknown" or "not a face" ends the search, and counts
/// only when nothing was found before it.
Votes probability(Votes votes) {
  const double all = sum(votes);
  Votes kept = nobody();
  double covered = 0;
  int64_t found = 0;
  for (bool searching = true; searching && covered < 0.75 * all && found < 3;) {
    const double most = *std::max_element(votes.begin(), votes.end());
    for (size_t i = 0; i < votes.size() && searching; ++i) {
      if (votes[i] != most) continue;
      kept[i] = most;
      votes[i] = 0;
      covered += most;
      ++found;
      if (i < kVotedClasses) continue;
      searching = false;
      if (sum(kept) > most) {
        kept[i] = 0;
        --found;
      }
    }
  }
  return sum(kept) <= 0.5 * all || found > 3 ? nobody() : kept;
}

Votes multi_target(const Votes& votes) {
  const double all = sum(votes);
  Votes kept = nobody();
  for (size_t i = 0; i < votes.size(); ++i) {
    if (votes[i] >= 0.3 * all) kept[i] = votes[i];
  }
  return sum(kept) <= 0.5 * all ? nobody() : kept;
}

/// What is left of the votes in this mode.
Votes counted(const Votes& votes, const std::string& mode) {
  if (mode == "majority") return majority(votes);
  if (mode == "probability" || mode == "crossentropy") return probability(votes);
  if (mode == "multi_target") return multi_target(votes);
  not_allowed("data.votes", mode);
}

}  // namespace

Verdict judge(Votes votes, const std::string& mode) {
  for (double& count : votes) {
    if (count <= 1) count = 0;
  }
  const Votes kept = counted(votes, mode);
  const auto largest = std::max_element(kept.begin(), kept.end());
  const int64_t label = largest - kept.begin();
  if (*largest == 0 || label >= kVotedClasses) return {};
  const double known = std::accumulate(kept.begin(), kept.begin() + kVotedClasses, 0.0);
  Verdict verdict{label, {}};
  for (int64_t i = 0; i < kVotedClasses; ++i) verdict.target.push_back(static_cast<float>(kept[i] / known));
  return verdict;
}

}  // namespace leaf
