#!/usr/bin/env bash
# The command line in one chain: train, stop, continue, measure, predict, and what goes wrong on the way.
# Usage: chain.sh LEAF-PROGRAM [--numbers]
#   --numbers  without what is refused, which computes nothing
set -uo pipefail
leaf=$1 only=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir nothing
export LEAF_WEIGHTS=$work/nothing  # what somebody fetched on this machine is no part of the tests
failures=0
checks=0

# check NAME COMMAND…: the command must succeed.
check() {
  local name=$1; shift
  checks=$((checks + 1))
  if ! "$@" >new 2>err; then
    echo "FAILED: $name: $*"; cat new err; failures=$((failures + 1))
  fi
  if [ "$1" = "$leaf" ] || [ "$1" = noted ]; then mv new out; fi  # what a later check looks into
}
# refused NAME CODE TEXT COMMAND…: the command must exit with the code and one line on standard error that holds the text.
refused() {
  local name=$1 code=$2 text=$3; shift 3
  [ -z "$only" ] || return 0
  checks=$((checks + 1))
  "$@" >out 2>err
  local got=$?
  if [ $got != "$code" ] || ! grep -qF -- "$text" err || [ "$(grep -c '^leaf: ' err)" != 1 ]; then
    echo "FAILED: $name: exit $got (wanted $code), wanted \"$text\""; cat err; failures=$((failures + 1))
  fi
}
holds() { grep -qF -- "$2" "$1"; }
noted() { "$@" 2>notes; }  # keeps what goes to standard error
equal() { cmp "$1" "$2"; }
wave() {  # a picture of waves of their own direction and length
  awk -v n=$1 'BEGIN { print "P5\n16 16\n255"; for (i = 0; i < 256; ++i) printf "%c", 64 + 60 * sin((i % 16 * n + int(i / 16) * (n * n % 7)) / 4) }'
}

faces=synthetic:420,size=32,classes=7
tiny=(--labels 70 --size 16 --steps 8 --epochs 2 --backbone wideresnet28_2 --threads 1 --set train.labeled_batch=4 --set train.unlabeled_batch=4)

# Help and lists.
linked() { ldd "$leaf" | grep -c "$1" || true; }
check "neither libtorch nor codecs are loaded at the start" test "$(linked 'libtorch\|imgcodecs')" = 0
for command in demo split train pretrain eval predict prepare bench export import inspect datasets algorithms options doctor; do
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
refused "no such level of instructions" 2 'LEAF_MAX_ISA: unknown instruction level "axv2" (did you mean "avx2"?)' env LEAF_MAX_ISA=axv2 "$leaf" datasets
refused "no such flag" 2 'did you mean "--labels"' "$leaf" train $faces --lables 3
refused "no such option" 2 'did you mean "train.steps"' "$leaf" train $faces --set train.stpes=3
refused "no such algorithm" 2 'did you mean "leaf"' "$leaf" train $faces --algorithm laef
refused "no such level" 2 'did you mean "semantic"' "$leaf" train $faces --levels semantik
refused "a level that has no place" 2 'gives no pseudo-labels' "$leaf" train $faces --algorithm mean_teacher --levels category
refused "alignment twice" 2 'aligns distributions by itself' "$leaf" train $faces --algorithm softmatch --set imbalance.alignment=uniform
refused "views and steps" 2 'leave one of them out' "$leaf" train $faces --views 1000 --steps 3
refused "no such method" 2 'did you mean "paper"' "$leaf" train $faces --method papr
refused "no source" 2 'needs a source' "$leaf" train
refused "no such data set" 2 'did you mean "ferplus"' "$leaf" train ferpuls:x
refused "no such folder" 1 'missing' "$leaf" train folder:missing --labels 7
refused "too few faces of a class" 1 'wanted, 40 found' "$leaf" train $faces --labels 4000 --split authors

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

# Harder faces, rejected ones, a baseline and the last sentence.
check "no sentence is missing" holds out "next: "
check "a run beside its baseline" "$leaf" train $faces "${tiny[@]}" -o beside --baseline
check "the sentence compares" holds out "supervised learning alone gave"
check "the interval is told" holds out "95 % interval"
check "and is in the report" holds beside/test/report.json '"supervised_accuracy": 0.'
check "the baseline is a run" test -s beside/baseline/test/report.json
check "on the same network" equal <(sed -n '/^\[model/,/^\[category/p' beside/config.toml) <(sed -n '/^\[model/,/^\[category/p' beside/baseline/config.toml)
check "which --force leaves" "$leaf" train $faces "${tiny[@]}" -o beside --force
check "and the next run finds" holds out "supervised learning alone gave"
refused "a baseline of the baseline" 2 'uses no unlabeled faces' "$leaf" train $faces "${tiny[@]}" -o none --algorithm supervised --baseline
refused "a baseline of a continued run" 2 'leave out --resume' "$leaf" train --resume beside --baseline
check "a harder run" noted "$leaf" train $faces "${tiny[@]}" -o harder --set data.foreign=synthetic:300,size=24,seed=5 --set data.wrong_labels=0.2 \
  --set data.tail=2 --set data.unlabeled_share=0.5 --set outliers.reject=distance
check "tells what is wrong with it" holds notes "faces have a wrong label"
check "and what is foreign" holds notes "are replaced by faces of synthetic:300"
check "rejected faces are counted" holds harder/metrics.jsonl '"rejected":'
check "foreign faces are in its split" holds harder/split.json '"foreign:synthetic/'
check "supervised sees none of it" "$leaf" bench $faces "${tiny[@]:2}" --labels 70 --seeds 0 --algorithms supervised --set data.wrong_labels=0.2 -o wrong
refused "too few foreign faces" 1 'takes' "$leaf" train $faces "${tiny[@]}" -o none --set data.foreign=synthetic:20,size=16 --set data.foreign_share=1
refused "the same foreign faces" 1 'names the same faces' "$leaf" train $faces "${tiny[@]}" -o none --set data.foreign=$faces
refused "a share beyond one" 2 'data.unlabeled_share' "$leaf" train $faces "${tiny[@]}" -o none --set data.unlabeled_share=1.5
refused "nothing to reject" 2 'outliers.reject has no place in supervised' "$leaf" train $faces "${tiny[@]}" -o none --algorithm supervised --set outliers.reject=distance
check "no unlabeled face" noted "$leaf" train $faces "${tiny[@]:2}" --labels 0 -o labeled-only
check "labeled ones serve as such" holds notes "there is no unlabeled face, so the labeled ones serve as such too"
check "these errors leave nothing" test ! -e none

# Labels: every one that is seen counts, unless somebody names more.
check "nothing chooses" "$leaf" train --resume whole
check "so the last average is the model" holds out "the model is the last moving average of 8 steps"
check "some of the labels" noted "$leaf" train $faces "${tiny[@]}" -o inside --set data.validation=0.2
check "are told at the start" holds notes "56 labels to learn, 14 to choose the best epoch, 105 more to test"
check "and again" "$leaf" train --resume inside
check "at the end" holds out "by 14 of the labels"
check "further labels" noted "$leaf" train $faces "${tiny[@]}" -o outside --validation part
check "are told at the start" holds notes "70 labels to learn, 35 to choose the best epoch (outside of the budget), 105 more to test"
check "and in the report" holds outside/test/report.json '"choosing_outside_of_budget": true'
check "such a run goes on" "$leaf" train --resume outside
check "and tells them at the end" holds out "by 35 labels outside of the budget"
check "and is measured again" "$leaf" eval outside --format json
check "a source to choose by" "$leaf" train $faces "${tiny[@]}" -o elsewhere --validation synthetic:420,size=32,seed=5,classes=7 --set data.validation_faces=20
check "its faces are counted" holds out "by 20 labels outside of the budget"
refused "the source itself" 1 'names the same faces as data.source' "$leaf" train $faces "${tiny[@]}" -o none --validation $faces
mkdir -p own/happiness own/sadness
for n in $(seq 8); do wave $n > own/happiness/$n.pgm; wave $((n + 8)) > own/sadness/$n.pgm; done
cp -r own copied
refused "the same pictures in another place" 1 'of data.validation_source is also' "$leaf" train folder:own "${tiny[@]}" -o none --validation folder:copied
refused "two ways to choose" 2 'give one of the two' "$leaf" train $faces "${tiny[@]}" -o none --validation part --set data.validation=0.1
refused "more faces than there are" 1 'has 35 faces with a label to choose by' "$leaf" train $faces "${tiny[@]}" -o none --validation part --set data.validation_faces=36
refused "no validation part" 1 'has no validation part to choose by' "$leaf" train folder:own "${tiny[@]}" -o none --validation part
refused "faces of nobody" 2 'names no faces' "$leaf" train $faces "${tiny[@]}" -o none --set data.validation_faces=36
refused "half of a test part" 1 'has a test part' "$leaf" train $faces "${tiny[@]}" -o none --set data.test_half=tune
refused "outliers without a label to spare" 1 'no class has five labels to spare one' "$leaf" train $faces "${tiny[@]:2}" --labels 14 -o none --set outliers.reject=distance
check "these errors leave nothing" test ! -e none
check "a split" "$leaf" split $faces --labels 70 --validation part -o labels.json
check "tells it too" holds out "70 labels to learn, 35 to choose the best epoch (outside of the budget), 105 more to test"
check "faces as they come" "$leaf" split $faces --labels 50 --split random -o random.json
check "are as many" holds out "50 labels to learn"
check "more labels than faces" "$leaf" split $faces --labels 5000 --split random -o all.json
check "are all there are" holds out "280 labels for 5000: there are no more"
check "one label" noted "$leaf" train $faces "${tiny[@]:2}" --labels 1 -o one
check "cannot teach the other classes" holds notes "cannot be learned"

# Kill a run after its first epoch and continue it.
"$leaf" train $faces "${tiny[@]}" --set train.steps=4000 --set train.epochs=1000 --set train.labeled_steps=4 --set imbalance.shares=labeled -o long >/dev/null 2>&1 &
process=$!
for _ in $(seq 600); do [ -e long/checkpoints/last.safetensors ] && break; sleep 0.1; done
kill -9 $process; wait $process 2>/dev/null
check "killed with a checkpoint" test -e long/checkpoints/last.safetensors
sed -i 's/^steps = 4000/steps = 16/; s/^epochs = 1000/epochs = 4/' long/config.toml
check "and continued" "$leaf" train --resume long
check "to its end" holds long/test/report.json '"steps": 16'

# A grid of runs: killed and continued it equals one that was not, and so does one that two processes share.
small=(synthetic:200,size=16,classes=7 --size 16 --epochs 3 --backbone resnet10_half --set model.stem=imagenet --set train.labeled_batch=4
       --set train.unlabeled_batch=4 --threads 1)
grid=("${small[@]}" --steps 6 --algorithms supervised,leaf --labels 14,28 --seeds 0,1)
figures() { cut -d, -f1-20 "$1"; }  # of results.csv, without the seconds (the source's name has two commas)
runs() { sed 's/,[0-9.]*\(,runs[^,]*\)/\1/' "$1"; }  # of runs.csv, likewise
check "the runs of a grid are listed" "$leaf" bench "${grid[@]}" -o grid --dry-run
check "all of them" holds out "8 runs"
check "and none is made" test ! -e grid
check "a grid" "$leaf" bench "${grid[@]}" -o grid
check "its table is printed" holds out "balanced accuracy %"
check "with what naming the largest class gives" holds out "largest class"
check "and the differences" holds out "leaf − supervised"
check "which have a section" holds grid/results.md "## Differences over the same seeds"
for file in results.md results.csv runs.csv differences.csv results.json accuracy.png; do check "grid writes $file" test -s grid/$file; done
check "again without training" "$leaf" bench "${grid[@]}" -o grid --format json
check "nothing is run again" test ! -s err
check "as JSON" holds out '"version": 1'
"$leaf" bench "${grid[@]}" -o killed >/dev/null 2>&1 &
process=$!
for _ in $(seq 600); do compgen -G "killed/runs/*/*/leaf/seed0/checkpoints/last.safetensors" >/dev/null && break; sleep 0.02; done
kill -9 $process; wait $process 2>/dev/null
check "killed before its end" test "$(find killed -name report.json | wc -l)" -lt 8
check "and continued by two" "$leaf" bench "${grid[@]}" -o killed --jobs 2
check "equal rows" equal <(figures grid/results.csv) <(figures killed/results.csv)
check "equal differences" equal grid/differences.csv killed/differences.csv
check "equal runs" equal <(runs grid/runs.csv) <(runs killed/runs.csv)
check "a grid in two processes" "$leaf" bench "${grid[@]}" -o shared --jobs 2 --format csv
check "equal rows in two" equal <(figures grid/results.csv) <(figures shared/results.csv)
refused "another configuration" 1 'train.steps = 6, not 9' "$leaf" bench "${small[@]}" --steps 9 --algorithms leaf --labels 14 -o grid
refused "a cell that fails" 1 '1 of the runs failed' "$leaf" bench "${small[@]}" --steps 6 --algorithms leaf --labels 14,14000 --split authors -o unlike
[ -n "$only" ] || check "says why" holds unlike/results.md 'wanted'
refused "no such algorithm in a grid" 2 'did you mean "leaf"' "$leaf" bench "${small[@]}" --algorithms supervised,laef -o none
refused "no such level behind an algorithm" 2 'did you mean "semantic"' "$leaf" bench "${small[@]}" --algorithms leaf+semantik -o none
refused "no number of labels" 2 '"many"' "$leaf" bench "${small[@]}" --labels 80,many -o none
refused "no folder" 2 '-o FOLDER' "$leaf" bench "${grid[@]}"
refused "no such study" 2 'did you mean "experts"' "$leaf" bench synthetic:200 --ablation experst -o none
refused "levels beside a grid" 2 'leaf+semantic' "$leaf" bench "${grid[@]}" --levels none -o none
check "usage errors leave nothing" test ! -e none
check "the paper's studies" "$leaf" bench --ablation synthetic:200 --labels 70 -o none --dry-run
check "with the plain run shared" holds out "37 runs"
check "some of the studies" "$leaf" bench --ablation levels,fusion synthetic:200 -o none --dry-run
check "each named once" holds out "9 runs"
check "a step is measured" "$leaf" bench --step "${small[@]}" --labels 14 --steps 2 --format json
check "views per second" holds out '"views_per_second"'
check "prediction is measured" "$leaf" bench --prediction --backbone resnet10_half --size 32 --batch 8 --steps 2 --precision int8 --format json
check "faces per second" holds out '"faces_per_second"'
refused "faces for that" 2 'leave sources' "$leaf" bench --prediction synthetic:200
refused "two measurements" 2 'one thing at a time: --step or --prediction' "$leaf" bench --step --prediction
refused "growth without a folder" 2 '-o FOLDER' "$leaf" bench --growth
refused "faces for the speed" 2 'leave sources' "$leaf" bench --speed synthetic:200

# The demo.
model() { sed -n '/^\[model/,/^\[category/p' "demo/$1/config.toml"; }
check "the demo" "$leaf" demo --faces 500 --labels-per-class 4 --steps 2 --threads 1 -o demo
check "compares two algorithms" holds out "supervised only"
check "on one network" equal <(model supervised) <(model leaf)
check "the algorithms" "$leaf" algorithms --format csv
check "with the reason for a level without a place" holds out "refused: it gives no pseudo-labels"

# Weights from elsewhere.
check "inspect a model" "$leaf" inspect whole/model.safetensors
check "its kind is told" holds out "LEAF model"
check "inspect a checkpoint" "$leaf" inspect whole/checkpoints/last.safetensors --format csv
check "its tensors are listed" holds out "average.backbone.conv1.weight,F32,16x3x3x3,432"
check "import from a checkpoint" "$leaf" import whole/checkpoints/last.safetensors -o weights.safetensors
check "the prefix is told" holds out 'the prefix "average.backbone."'
check "and the backbone" holds out "fits: wideresnet28_2"
check "inspect what was imported" "$leaf" inspect weights.safetensors --format json
check "it tells the backbone" holds out '"backbone": "wideresnet28_2"'
refused "an import does not overwrite" 1 'exists' "$leaf" import whole/model.safetensors -o weights.safetensors
refused "weights of another network" 1 'comes nearest' "$leaf" import weights.safetensors -o other.safetensors --backbone resnet18
check "every tensor if wanted" "$leaf" import whole/checkpoints/last.safetensors -o other.safetensors --any --format json
refused "no such backbone" 2 'did you mean "resnet18"' "$leaf" import weights.safetensors -o none.safetensors --backbone resnet17
refused "no weights" 1 'none of' "$leaf" import options.toml -o none.safetensors
refused "no file" 1 'missing.pth' "$leaf" inspect missing.pth
printf '\0\200\377' >shard.bin
printf '[{"weights": [{"name": "x", "shape": [3], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 1, "min": 0}}], "paths": ["shard.bin"]}]' >x-weights_manifest.json
check "inspect weights of TensorFlow.js" "$leaf" inspect x-weights_manifest.json
check "what they are" holds out "TensorFlow.js weights"
check "import them as they are" "$leaf" import x-weights_manifest.json -o tensorflow.safetensors --any
printf 'x' >>shard.bin
refused "shards that do not fit" 1 'belong to no tensor' "$leaf" inspect x-weights_manifest.json
refused "views too small for a backbone" 2 'at least 31 pixels, found 16' "$leaf" train $faces --size 16 --steps 1 --labels 70 --backbone dlib_resnet_128 -o small

# Learning without labels.
pre=($faces --labels 70 --size 16 --steps 4 --epochs 2 --batch 16 --backbone resnet10_half --set model.stem=imagenet --threads 1)
check "pretrain" "$leaf" pretrain "${pre[@]}" -o encoder
check "what labels measure" holds out "linear probe"
check "what the faces alone do" holds out "effective rank"
check "and the next command" holds out "--weights encoder"
check "figures of an epoch" holds encoder/metrics.jsonl '"representation":{"rank":'
check "the non-contrastive one" "$leaf" pretrain "${pre[@]}" -o vicreg --algorithm vicreg --split-file encoder/split.json
check "its last figures" holds vicreg/test/report.json '"probe"'
check "a finished one is measured again" "$leaf" pretrain --resume encoder
check "inspect an encoder" "$leaf" inspect encoder/model.safetensors
check "it is told" holds out "LEAF weights"
check "algorithms for pretraining are marked" "$leaf" algorithms simclr
check "as self-supervised" holds out "self-supervised"
begin=(--labels 70 --size 16 --steps 4 --epochs 2 --threads 1 --set train.labeled_batch=4 --set train.unlabeled_batch=4)
check "training from it" noted "$leaf" train $faces "${begin[@]}" --weights encoder -o begun
check "says what it began with" holds notes "pretrained on 128 views"
check "and why this recipe" holds notes "recipe pretrained"
check "and keeps it" holds begun/weights.json '"views_seen"'
check "both in one, with a baseline" "$leaf" train $faces "${begin[@]}" --backbone resnet10_half --pretrain 2 --baseline -o both
check "with its own pretraining" test -s both/pretraining/model.safetensors
for time in first second; do
  check "a grid from weights, the $time time" "$leaf" bench $faces "${begin[@]:2}" --labels 70 --algorithms leaf --weights encoder -o weighted
done
mkdir foreign && touch foreign/notes.txt
check "training from it asks for no classifier" holds begun/weights.json '"classifier": "new: there is none"'
refused "another folder" 1 'exists already' "$leaf" train $faces "${begin[@]}" --pretrain 2 -o foreign
check "is left alone" test "$(ls foreign)" = notes.txt
refused "what needs labels" 2 'has no place in simclr' "$leaf" pretrain $faces --set outliers.reject=distance
refused "the weights twice" 2 'leave out --weights' "$leaf" train $faces --pretrain 2 --weights encoder
refused "weights of another width" 1 'does not fill the encoder resnet18' "$leaf" train $faces "${begin[@]}" --weights encoder --backbone resnet18 -o none
refused "no weights" 1 'no such file or run' "$leaf" train $faces "${tiny[@]}" --weights missing -o none
refused "no such recipe" 2 'did you mean "scratch"' "$leaf" train $faces --recipe scrach
check "what the recipe sets" "$leaf" train $faces --print-config
check "is printed" holds out 'recipe = "scratch"'
refused "training with it" 2 'use leaf pretrain' "$leaf" train $faces --algorithm simclr
refused "a grid with it" 2 'use leaf pretrain' "$leaf" bench "${small[@]}" --algorithms vicreg -o none
refused "going on with train" 2 'use leaf pretrain' "$leaf" train --resume encoder
refused "pretraining with labels" 2 'use leaf train' "$leaf" pretrain $faces --algorithm fixmatch
refused "an operation that is none" 2 'did you mean "Solarize"' "$leaf" pretrain $faces --set views.exclude=Solarise
refused "fewer faces than a step takes" 1 'different faces' "$leaf" pretrain "${pre[@]}" -o none --set train.unlabeled_batch=4000
refused "an encoder cannot be measured" 1 'encoder without a classifier' "$leaf" eval encoder
refused "nor predict" 1 'encoder without a classifier' "$leaf" predict encoder whole/test/confusion.png
refused "an encoder is kept" 1 'holds a run already' "$leaf" pretrain "${pre[@]}" -o encoder
mkdir pictures alike empty
for n in $(seq 12); do
  wave $n > pictures/$n.pgm
  cp pictures/1.pgm alike/$n.pgm
done
unlabeled=(--size 16 --steps 2 --epochs 1 --batch 4 --backbone resnet10_half --set model.stem=imagenet --threads 1)
check "pictures without labels" "$leaf" pretrain folder:pictures "${unlabeled[@]}" -o unlabeled
check "are measured without" test "$(grep -c probe out)" = 0
refused "faces that all look alike" 1 'collapsed at step 2' "$leaf" pretrain folder:alike "${unlabeled[@]}" -o collapsed
refused "no faces" 1 'empty' "$leaf" pretrain folder:empty "${unlabeled[@]}" -o none

# What a run begins with where nobody says it.
start=("${begin[@]}")
check "nothing at hand" noted "$leaf" train $faces "${start[@]}" --print-config
check "is random numbers" holds out 'recipe = "scratch"'
check "and said so" holds notes "start: random numbers, since nothing better is at hand; scripts/weights fetches"
unset LEAF_WEIGHTS
check "no folder for weights at all" noted env -u HOME -u XDG_DATA_HOME "$leaf" train $faces "${start[@]}" --print-config
check "is the same" holds notes "start: random numbers"
export LEAF_WEIGHTS=$work/fetched
mkdir fetched
check "a model of expressions" "$leaf" train $faces "${start[@]}" --method paper --backbone resnet10_half --set model.stem=imagenet --levels none \
  --set model.unit_length=false --set model.dropout=0 -o knows
cp knows/model.safetensors fetched/expression.safetensors
touch fetched/dlib.safetensors fetched/drawn.safetensors
check "is what a run begins with" noted "$leaf" train $faces "${start[@]}" -o chosen
check "and says so" holds notes "start: $work/fetched/expression.safetensors, which knows seven expressions already, as beginning and as teacher"
check "with its recipe" holds notes "recipe continued"
check "with its teacher" holds notes "the teacher is expression.safetensors"
check "with its classifier" holds chosen/weights.json '"classifier": "kept, calibrated by the labels'
check "what it is is kept" holds chosen/config.toml "weights = \"$work/fetched/expression.safetensors\""
check "what was found out is kept" holds chosen/known.json '"temperature"'
check "the end is beside the start" holds out "it began with"
check "labels alone have no teacher" "$leaf" train $faces "${start[@]}" --algorithm supervised --print-config
check "but its beginning" holds out "weights = \"$work/fetched/expression.safetensors\""
check "alone" test "$(sed -n '/^\[teacher/,/^batch/p' out | grep -c '^model = ""')" = 1
check "it goes on without being chosen again" noted "$leaf" train --resume chosen
check "as it is" test "$(grep -c '^start' notes)" = 0
for chosen in "--recipe scratch" "--method paper" "--method reference" "--backbone resnet10_half" "--weights encoder" "--teacher knows" "--pretrain 2"; do
  check "nothing is chosen with $chosen" noted "$leaf" train $faces "${start[@]}" $chosen --print-config
  check "so that nothing is said with $chosen" test "$(grep -c 'start:' notes)" = 0
  check "nor taken with $chosen" test "$(grep -c fetched/expression out)" = 0
done
check "a model that is named" noted "$leaf" train $faces "${start[@]}" --weights knows --print-config
check "is gone on with" holds out 'recipe = "continued"'
check "another kind of model" "$leaf" train $faces "${start[@]}" --weights whole --print-config
check "is an encoder" holds out 'recipe = "pretrained"'
check "pretraining from a model" "$leaf" pretrain "${pre[@]}" --set model.weights=knows --print-config
check "has no recipe" holds out 'recipe = "published"'
check "a grid from a model" "$leaf" bench $faces "${start[@]:2}" --labels 70 --algorithms leaf --weights knows -o grown
check "goes on with it too" holds "$(find grown -name config.toml | head -1)" 'recipe = "continued"'
check "a teacher alone" noted "$leaf" train $faces "${tiny[@]}" --teacher knows -o taught
check "is asked" holds notes "the teacher is knows ("
refused "a teacher without labels" 2 'teacher.model has no place in simclr' "$leaf" pretrain "${pre[@]}" --set teacher.model=knows
refused "a teacher that is none" 1 'missing' "$leaf" train $faces "${tiny[@]}" --teacher missing -o none
rm fetched/expression.safetensors
check "the next best" noted "$leaf" train $faces "${start[@]}" --print-config
check "knows faces" holds notes "start: $work/fetched/dlib.safetensors"
check "at its learning rate" holds out 'learning_rate = 0.0003'
check "unless told otherwise" "$leaf" train $faces "${start[@]}" --set optimizer.learning_rate=0.01 --print-config
check "by somebody" holds out 'learning_rate = 0.01'
rm fetched/dlib.safetensors
check "the one after that" noted "$leaf" train $faces "${start[@]}" --print-config
check "knows drawn faces" holds notes "start: $work/fetched/drawn.safetensors"
export LEAF_WEIGHTS=$work/nothing

# Measure and predict.
check "eval" "$leaf" eval whole --format json
check "accuracy is reported" holds out '"accuracy"'
first_accuracy() { grep -m1 '"accuracy"' "$1" | tr -d ' ,'; }
check "it is the run's own" test "$(first_accuracy out)" = "$(first_accuracy whole/test/report.json)"
check "eval another source" "$leaf" eval whole synthetic:70,size=32,classes=7,seed=9 --part all --format csv -o measured
check "tables are written" test -s measured/confusion.csv
# A source without a test part, nothing to learn from the pictures: every seed and eval are tested on the same half.
{
  echo path,label,part
  labels=(happiness sadness surprise anger disgust fear contempt)
  for n in $(seq 140); do
    wave $n > own/$n.pgm
    echo "$n.pgm,${labels[n % 7]},$([ $n -le 70 ] && echo train || echo validation)"
  done
} > own/faces.csv
for seed in 5 6; do
  check "seed $seed" "$leaf" train csv:own/faces.csv "${tiny[@]:2}" --labels 12 --classes 7 --set data.split_seed=$seed -o half$seed
done
tested() { sed -n '/^ "test"/,$p' "$1/split.json"; }
check "is tested on the same faces" equal <(tested half5) <(tested half6)
labeled() { sed -n '/^ "labeled"/,/^ "unlabeled"/p' "$1/split.json"; }
check "but learns from others" test "$(labeled half5)" != "$(labeled half6)"
check "eval of the half" noted "$leaf" eval half5 csv:own/faces.csv --classes 7 -o halved
check "says that it is one" holds notes "test: half of the validation part, 30 faces"
check "which is the run's" equal halved/confusion.csv half5/test/confusion.csv
refused "classes of no source" 2 'none is named' "$leaf" eval half5 --classes 7
refused "classes that are none" 2 '--classes' "$leaf" eval half5 csv:own/faces.csv --classes 8
refused "a run that is none" 1 'missing-run' "$leaf" eval missing-run
cp whole/test/confusion.png face.png
check "predict" "$leaf" predict whole face.png --format csv
check "probabilities" holds out "face.png,"
check "predict in 8 bits" "$leaf" predict demo/leaf face.png --precision int8 --format csv
check "the same columns" holds out "path,expression,"
check "sets by the category level" "$leaf" predict whole face.png --sets category --format csv
check "are a column behind the classes" holds out ",set"
check "sets at a coverage" noted "$leaf" predict whole face.png --sets 0.9 --format jsonl
check "are a list" holds out '"set":['
check "of a model without a calibration that says so" holds notes "has no calibration"
check "sets that are measured" noted "$leaf" eval whole --coverage 0.95 --format json
check "say what was asked" holds out '"asked": 0.95'
refused "a set of what" 2 'a coverage from' "$leaf" predict whole face.png --sets likely
refused "a set that is never wrong" 2 'a coverage from' "$leaf" predict whole face.png --sets 1
check "an explanation" "$leaf" predict whole face.png --explain why --format csv
check "is a picture" test -s why/face.png
refused "the folder is kept" 1 'exists' "$leaf" predict whole face.png --explain why
check "eval in 8 bits" "$leaf" eval demo/leaf --precision int8 --format json
refused "a network that has no 8 bits" 2 'needs' "$leaf" predict whole face.png --precision int8
refused "a precision that is none" 2 'int4' "$leaf" predict whole face.png --precision int4
check "predict to a file" "$leaf" predict whole face.png --format json -o faces.json
refused "the file is kept" 1 'exists' "$leaf" predict whole face.png -o faces.json
check "photos are looked at" noted "$leaf" predict whole --faces find face.png face.png --format jsonl
check "by the cascade" holds notes "found by OpenCV's cascade"
check "with a row for each" test "$(grep -c '"remark":"no face was found"' out)" = 2
check "a picture that is no square is told of" noted "$leaf" predict whole face.png
check "list on standard input" sh -c 'echo face.png | "$1" predict whole - --format csv' - "$leaf"
mkdir -p photos/happy && cp face.png photos/happy
check "prepare" "$leaf" prepare photos -o prepared --format json
check "finds none there" holds out '"without": 1'
check "and lists it" holds prepared/faces.csv 'no face was found'
check "prepare again" "$leaf" prepare photos -o prepared --format json
check "looks at nothing twice" holds out '"known": 1'
refused "another size" 1 'another detector, size or margin' "$leaf" prepare photos -o prepared --size 64
refused "photos without a face" 1 'no face was found' "$leaf" train photos:photos
refused "no detector" 2 'no detector' "$leaf" predict whole face.png --faces find --detector retina
refused "no camera" 1 'no camera 77' "$leaf" predict whole camera:77
echo "no picture" > broken.png
refused "a picture that is none" 1 'broken.png' "$leaf" predict whole broken.png
refused "a missing picture" 1 'nowhere.png' "$leaf" predict whole nowhere.png

# Export.
check "a run as ONNX" "$leaf" export whole --format onnx -o whole.onnx
check "says what goes in and out" holds out "whole.onnx: "
check "which is there" test -s whole.onnx
refused "the file is kept" 1 'exists' "$leaf" export whole --format onnx -o whole.onnx
check "unless forced" "$leaf" export whole/model.safetensors --format onnx -o whole.onnx --force
check "a run for a hub" "$leaf" export whole --format hub -o hub
check "has its figures" holds hub/README.md "model-index:"
check "and its labels" holds hub/README.md "Learned from 70 labels of synthetic"
check "and no path of this machine" test "$(grep -c "$work" hub/README.md)" = 0
refused "the folder is kept" 1 'exists' "$leaf" export whole --format hub -o hub
check "it is a model" "$leaf" predict hub face.png --format csv
check "a file for a hub" "$leaf" export whole/model.safetensors --format hub -o alone
check "has none" holds alone/README.md "None: it was not tested."
refused "a file that is no model" 1 'face.png' "$leaf" export face.png --format onnx -o none.onnx
refused "a model that is missing" 1 'nowhere' "$leaf" export nowhere --format hub -o none
refused "an encoder alone" 1 'without a classifier' "$leaf" export encoder/model.safetensors --format onnx -o none.onnx
refused "no such format" 2 'tflite' "$leaf" export whole --format tflite -o none
refused "a hub in a file" 1 'is a file' "$leaf" export whole --format hub -o whole.onnx --force
refused "the run in the place of a hub's" 1 'is left alone' "$leaf" export whole --format hub -o whole --force
refused "no place to write" 1 'cannot write' "$leaf" export whole --format onnx -o nowhere/none.onnx
check "these errors leave nothing" test ! -e none -a ! -e none.onnx

# A damaged checkpoint and another run's.
head -c 1000 whole/checkpoints/last.safetensors > stopped/checkpoints/last.safetensors
check "a truncated checkpoint" noted "$leaf" train --resume stopped
check "is told" holds notes 'stopped/checkpoints/last.safetensors is damaged'
for name in last previous; do echo x > stopped/checkpoints/$name.safetensors; done
refused "two that are damaged" 1 'previous.safetensors is damaged' "$leaf" train --resume stopped
cp supervised/checkpoints/last.safetensors stopped/checkpoints/last.safetensors
refused "another algorithm's checkpoint" 1 'another run' "$leaf" train --resume stopped

# A full disk.
refused "a full disk" 1 'cannot write' "$leaf" predict whole face.png -o /dev/full/x
echo "$((checks - failures)) passed, $failures failed"
[ $failures = 0 ]
