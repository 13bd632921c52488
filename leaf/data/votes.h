#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace leaf {

constexpr int64_t kVotedClasses = 8;  ///< of FERPlus's ten vote counts the last two are "unknown" and "not a face"

/// The votes of FERPlus's about ten judges: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown,
/// not a face.
using Votes = std::array<double, kVotedClasses + 2>;

/// What the votes on a face come to.
struct Verdict {
  int64_t label = -1;         ///< the most probable class, the first of equals; -1 when the face is to be left out
  std::vector<float> target;  ///< probabilities [8], sum 1; empty when the face is to be left out
};

/// Turns votes into a label as the data set's own code does (Barsoum et al., arXiv 1608.01041; FERPlus, `_process_data`). Counts
/// of one are dropped first. `mode` is
///   majority      the largest count, if it exceeds half of what is left
///   probability, crossentropy   classes in the order of their votes until three quarters are covered or three classes
///                 found; left out when at most half is covered, or equal counts make it more than three
///   multi_target  every class with at least 30 %; left out when these have at most half
/// A face whose largest share is "unknown" or "not a face" is left out; else these two are dropped and the rest is scaled to 1.
/// (The data set's own training then draws a class in `probability` and rounds every share up in `multi_target`; here
/// the shares themselves are the target.) `mode` is one of data.votes.
Verdict judge(Votes votes, const std::string& mode);

}  // namespace leaf
