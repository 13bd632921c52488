#!/usr/bin/env bash
# LEAF as somebody else has it: installed, found by CMake and by pkg-config, built against in C and C++, called from Python, and
# packed for Debian. Usage: installed.sh SOURCE BUILD
set -euo pipefail
readonly source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $1" >&2; exit 1; }
contains() { grep -qF -- "$2" <<<"$1" || fail "wanted \"$2\", found: $1"; }

echo "== install"
readonly there=$work/there
cmake --install "$build" --prefix "$there" >/dev/null
export LEAF_WEIGHTS=$work/none
cd "$work"
mkdir none
leaf=$there/bin/leaf
[ "$("$leaf" --version)" = "$(sed -n 's/^project(leaf VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")" ] || fail "the version"
"$leaf" train synthetic:420,size=32,classes=7 --labels 70 --size 32 --steps 2 --epochs 1 --backbone resnet10_half --threads 1 \
  --set train.labeled_batch=4 --set train.unlabeled_batch=4 --set model.precision=float32 -o run >/dev/null 2>&1 || fail "the installed leaf trains"
for n in 1 2; do
  awk -v n=$n 'BEGIN { print "P5\n40 40\n255"; for (i = 0; i < 1600; ++i) printf "%c", 64 + 60 * sin(i * n / 7) }' >face$n.pgm
done
printf 'no picture' >broken.png
"$leaf" predict run face1.pgm --format csv >said.csv 2>notes

echo "== only C is shown"
shown=$(nm -D --defined-only "$there/lib/libleaf.so.1" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | grep -v '^leaf_' || true)
[ -z "$shown" ] || fail "the library shows $shown"

echo "== C++ by CMake"
cmake -S "$source/examples" -B examples -DCMAKE_PREFIX_PATH="$there" -DCMAKE_BUILD_TYPE=Debug >/dev/null
cmake --build examples >/dev/null
said=$(./examples/predict run face1.pgm face2.pgm)
best=$(sed -n 's/^face1.pgm,\([a-z]*\),.*/\1/p' said.csv)
contains "$said" "face1.pgm: $best, "
contains "$said" "face2.pgm: "
! ./examples/predict run face1.pgm broken.png >/dev/null 2>err || fail "a broken picture passes"
contains "$(cat err)" "predict: broken.png: "
! ./examples/predict nowhere face1.pgm 2>err || fail "a missing model passes"
contains "$(cat err)" "no such run or model file"

echo "== C++ and C by pkg-config"
flags=$(PKG_CONFIG_PATH=$there/lib/pkgconfig pkg-config --cflags --libs leaf)
# shellcheck disable=SC2086 — flags are meant to be split into words
c++ -std=c++17 -Wall -Wextra -Werror -pedantic "$source/examples/predict.cpp" -o by_pkg_config $flags -Wl,-rpath,"$there/lib"
contains "$(./by_pkg_config run face1.pgm)" "face1.pgm: $best, "
cat >small.c <<'C'
#include <leaf.h>
#include <stdio.h>
int main(void) {
  leaf_model* model = NULL;
  printf("%s %d\n", leaf_version(), leaf_open("nowhere", NULL, &model));
  return leaf_error()[0] == '\0';
}
C
# shellcheck disable=SC2086
cc -std=c99 -Wall -Wextra -Werror -pedantic small.c -o small $flags -Wl,-rpath,"$there/lib"
contains "$(./small)" " 1"

echo "== Python"
if /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
  PYTHONPATH=$there/lib/python3/dist-packages /usr/bin/python3 "$source/tests/interface/leaf_test.py" run face1.pgm said.csv
else
  echo "skipped: Python has no NumPy (Debian's python3-numpy)"
fi

echo "== moved"
mv "$there" "$work/elsewhere"
"$work/elsewhere/bin/leaf" predict run face1.pgm --format csv 2>notes | cmp - said.csv || fail "it does not work in another folder"

echo "== package"
if command -v dpkg-shlibdeps >/dev/null && command -v file >/dev/null; then
  (cd "$build" && cpack -B "$work/package" >/dev/null)
  package=$(ls "$work"/package/*.deb)
  needs=$(dpkg-deb -f "$package" Depends)
  for library in libtorch libopencv-imgcodecs libopencv-core libarchive13 libdnnl libjpeg62-turbo libonnx1 libtcmalloc-minimal4 \
    libstdc++6 libopenblas0-openmp; do
    contains "$needs" "$library"
  done
  dpkg -x "$package" root
  for file in bin/leaf libexec/leaf/leaf-tensor lib/libleaf.so.1 lib/leaf/libleaf_codec.so include/leaf.h lib/pkgconfig/leaf.pc \
    lib/cmake/leaf/leafConfig.cmake lib/python3/dist-packages/leaf.py share/doc/leaf/copyright; do
    [ -e "root/usr/$file" ] || fail "the package lacks $file"
  done
  root/usr/bin/leaf predict run face1.pgm --format csv 2>notes | cmp - said.csv || fail "the packed leaf says something else"
else
  echo "skipped: dpkg-shlibdeps or file is missing (Debian's dpkg-dev and file)"
fi
echo "passed"
