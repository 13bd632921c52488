#!/usr/bin/env bash
# The command line in one chain: train, stop, continue, measure, predict, and what goes wrong on the way.
# Usage: chain.sh LEAF-PROGRAM
set -uo pipefail
leaf=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failures=0
checks=0

# check NAME COMMAND…: the command must succeed.
check() {
  local name=$1; shift
  checks=$((checks + 1))
  if ! "$@" >new 2>err; then
    echo "FAILED: $name: $*"; cat new err; failures=$((failures + 1))
  fi
  if [ "$1" = "$leaf" ]; then mv new out; fi  # what a later check looks into
}
# refused NAME CODE TEXT COMMAND…: the command must exit with the code and one line on standard error that holds the text.
refused() {
  local name=$1 code=$2 text=$3; shift 3
  checks=$((checks + 1))
  "$@" >out 2>err
  local got=$?
  if [ $got != "$code" ] || ! grep -qF -- "$text" err || [ "$(grep -c '^leaf: ' err)" != 1 ]; then
    echo "FAILED: $name: exit $got (wanted $code), wanted \"$text\""; cat err; failures=$((failures + 1))
  fi
}
holds() { grep -qF -- "$2" "$1"; }
equal() { cmp "$1" "$2"; }

faces=synthetic:420,size=32,classes=7
tiny=(--labels 70 --size 16 --steps 8 --epochs 2 --backbone wideresnet28_2 --threads 1 --set train.labeled_batch=4 --set train.unlabeled_batch=4)

# Help and lists.
for command in demo split train eval predict bench datasets algorithms options doctor; do
  check "help of $command" "$leaf" $command --help
  check "an example in the help of $command" holds out "Example: leaf $command"
done
check "version" "$leaf" --version
check "datasets" "$leaf" datasets --format json
check "ferplus is listed" holds out '"ferplus"'
check "algorithms" "$leaf" algorithms
check "options" "$leaf" options
cp out options.toml
check "options are read again" "$leaf" train $faces --config options.toml --print-config

# Usage.
refused "no such command" 2 'did you mean "train"' "$leaf" trian
refused "no such flag" 2 'did you mean "--labels"' "$leaf" train $faces --lables 3
refused "no such option" 2 'did you mean "train.steps"' "$leaf" train $faces --set train.stpes=3
refused "no such algorithm" 2 'did you mean "leaf"' "$leaf" train $faces --algorithm laef
refused "no such level" 2 'did you mean "semantic"' "$leaf" train $faces --levels semantik
refused "no such method" 2 'did you mean "paper"' "$leaf" train $faces --method papr
refused "no source" 2 'needs a source' "$leaf" train
refused "no such data set" 2 'did you mean "ferplus"' "$leaf" train ferpuls:x
refused "no such folder" 1 'missing' "$leaf" train folder:missing --labels 7
refused "too few faces of a class" 1 'wanted, 40 found' "$leaf" train $faces --labels 4000

# Two runs are equal; a run that was stopped and continued equals one that was not.
check "train" "$leaf" train $faces "${tiny[@]}" -o whole
check "the same again" "$leaf" train $faces "${tiny[@]}" -o again
for file in metrics.jsonl split.json config.toml model.safetensors test/confusion.csv; do
  check "equal $file" equal whole/$file again/$file
done
check "picture" test -s whole/test/confusion.png
refused "nothing is overwritten" 1 'holds a run already' "$leaf" train $faces "${tiny[@]}" -o whole
check "unless forced" "$leaf" train $faces "${tiny[@]}" -o again --force
cp -r whole stopped
rm -r stopped/test stopped/model.safetensors
check "both methods" "$leaf" train $faces "${tiny[@]}" -o reference --method reference
check "supervised" "$leaf" train $faces "${tiny[@]}" -o supervised --algorithm supervised
check "a saved split is used again" "$leaf" train $faces "${tiny[@]}" -o resplit --split-file whole/split.json --seed 1
check "equal split" equal <(grep -o '"labeled": *[[][^]]*' whole/split.json) <(grep -o '"labeled": *[[][^]]*' resplit/split.json)

# Kill a run after its first epoch and continue it.
"$leaf" train $faces "${tiny[@]}" --set train.steps=4000 --set train.epochs=1000 -o long >/dev/null 2>&1 &
process=$!
for _ in $(seq 600); do [ -e long/checkpoints/last.safetensors ] && break; sleep 0.1; done
kill -9 $process; wait $process 2>/dev/null
check "killed with a checkpoint" test -e long/checkpoints/last.safetensors
sed -i 's/^steps = 4000/steps = 16/; s/^epochs = 1000/epochs = 4/' long/config.toml
check "and continued" "$leaf" train --resume long
check "to its end" holds long/test/report.json '"steps": 16'

# Measure and predict.
check "eval" "$leaf" eval whole --format json
check "accuracy is reported" holds out '"accuracy"'
check "eval another source" "$leaf" eval whole synthetic:70,size=32,classes=7,seed=9 --part all --format csv -o measured
check "tables are written" test -s measured/confusion.csv
refused "a run that is none" 1 'missing-run' "$leaf" eval missing-run
cp whole/test/confusion.png face.png
check "predict" "$leaf" predict whole face.png --format csv
check "probabilities" holds out "face.png,"
check "predict to a file" "$leaf" predict whole face.png --format json -o faces.json
refused "the file is kept" 1 'exists' "$leaf" predict whole face.png -o faces.json
echo "no picture" > broken.png
refused "a picture that is none" 1 'broken.png' "$leaf" predict whole broken.png
refused "a missing picture" 1 'nowhere.png' "$leaf" predict whole nowhere.png

# A damaged checkpoint and another run's.
head -c 1000 whole/checkpoints/last.safetensors > stopped/checkpoints/last.safetensors
refused "a truncated checkpoint" 1 'last.safetensors' "$leaf" train --resume stopped
cp supervised/checkpoints/last.safetensors stopped/checkpoints/last.safetensors
refused "another algorithm's checkpoint" 1 'another run' "$leaf" train --resume stopped

# A full disk.
refused "a full disk" 1 'cannot write' "$leaf" predict whole face.png -o /dev/full/x
echo "$((checks - failures)) passed, $failures failed"
[ $failures = 0 ]
