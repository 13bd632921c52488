# What the scripts that time LEAF beside its peers share. Sourced from the top of the repository with LEAF set.
# shellcheck shell=bash

readonly python=/usr/bin/python3

fail() { # WHY STATUS
  echo "scripts/$(basename "$0"): $1" >&2
  exit "$2"
}

whole_number() { # OPTION VALUE
  [[ ${2-} =~ ^[1-9][0-9]{0,5}$ ]] || fail "$1: expected a whole number of at least 1, found '${2-}'" 2
  echo "$2"
}

build_leaf() {
  [[ -x $LEAF ]] && return 0
  [[ $LEAF == build/release/bin/leaf ]] || fail "LEAF=$LEAF: expected a program, found none; build it or leave LEAF unset" 1
  echo "Building $LEAF"
  cmake --preset release && cmake --build --preset release
}

# Whether this processor has instructions for bfloat16, without which nobody measures it.
has_bfloat16() { "$LEAF" doctor --format json | grep -qE '"instruction_level": "(avx512_bf16|amx_bf16)'; }

# The median of numbers, one a line.
median() { sort -g | awk '{value[NR] = $1} END {printf "%.10g\n", (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2}'; }

# Prints how much of the processor others use, in percent, over one second.
busy_percent() {
  local user nice system idle wait irq softirq steal _ used=() all=()
  for _ in 1 2; do
    read -r _ user nice system idle wait irq softirq steal _ </proc/stat
    used+=($((user + nice + system + irq + softirq + steal)))
    all+=($((user + nice + system + irq + softirq + steal + idle + wait)))
    ((${#all[@]} == 2)) || sleep 1
  done
  echo $((100 * (used[1] - used[0]) / (all[1] - all[0] + 1)))
}

warn_if_busy() { # PERCENT
  (($1 > 10)) || return 0
  echo "The machine was $1 % busy with other work at the start: these figures are no measurement. PyTorch's threads wait by"
  echo "spinning, so that it loses far more than its share of a busy machine."
}
