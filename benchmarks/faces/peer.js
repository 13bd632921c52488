// The npm package that LEAF's detector is measured against, in Node with its WebAssembly back end, on one thread.
// node peer.js WEIGHTS SIZE find FILE.rgb…    one line of JSON a face: photo, box, score, points
// node peer.js WEIGHTS SIZE time FILE.rgb N   one line: faces in the frame, median milliseconds of detector, landmarks, expression
// FILE.rgb: height and width as 32-bit numbers, then the pixels (faces.py writes it).
const fs = require('fs');
const path = require('path');
const wasm = require('@tensorflow/tfjs-backend-wasm');
const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');

function read(file) {
  const bytes = fs.readFileSync(file);
  const [height, width] = [bytes.readInt32LE(0), bytes.readInt32LE(4)];
  return faceapi.tf.tensor3d(new Uint8Array(bytes.buffer, bytes.byteOffset + 8, height * width * 3), [height, width, 3], 'int32');
}

async function main([weights, size, what, ...files]) {
  wasm.setWasmPaths(path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'));
  wasm.setThreadsCount(1);
  await faceapi.tf.setBackend('wasm');
  await faceapi.tf.ready();
  for (const net of ['tinyFaceDetector', 'faceLandmark68Net', 'faceExpressionNet']) await faceapi.nets[net].loadFromDisk(weights);
  const options = new faceapi.TinyFaceDetectorOptions({ inputSize: Number(size), scoreThreshold: 0.5 });
  if (what === 'time') {
    const [frame, times] = [read(files[0]), []];
    let found = [];
    for (let i = -3; i < Number(files[1]); ++i) {
      const start = performance.now();
      found = await faceapi.detectAllFaces(frame, options).withFaceLandmarks().withFaceExpressions();
      if (i >= 0) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    console.log(JSON.stringify({ faces: found.length, ms: times[times.length >> 1] }));
    return;
  }
  for (const file of files) {
    const picture = read(file);
    for (const found of await faceapi.detectAllFaces(picture, options).withFaceLandmarks()) {
      const { x, y, width, height } = found.detection.box;
      const points = found.landmarks.positions.map((point) => [point.x, point.y]);
      console.log(JSON.stringify({ photo: path.basename(file, '.rgb'), box: [x, y, width, height], score: found.detection.score, points }));
    }
    picture.dispose();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
