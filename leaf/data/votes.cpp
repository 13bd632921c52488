#include "leaf/data/votes.h"

#include <algorithm>
#include <numeric>

#include "leaf/base/error.h"

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

}  // namespace

Verdict judge(Votes votes, const std::string& mode) {
  for (double& count : votes) {
    if (count <= 1) count = 0;
  }
  const Votes kept = mode == "majority"                                ? majority(votes)
                     : mode == "probability" || mode == "crossentropy" ? probability(votes)
                     : mode == "multi_target"                          ? multi_target(votes)
                     : (fail_usage("unknown vote mode \"{}\"; known: majority, probability, crossentropy, multi_target", mode), votes);
  const auto largest = std::max_element(kept.begin(), kept.end());
  const int64_t label = largest - kept.begin();
  if (*largest == 0 || label >= kVotedClasses) return {};
  const double known = std::accumulate(kept.begin(), kept.begin() + kVotedClasses, 0.0);
  Verdict verdict{label, {}};
  for (int64_t i = 0; i < kVotedClasses; ++i) verdict.target.push_back(static_cast<float>(kept[i] / known));
  return verdict;
}

}  // namespace leaf
