// Times ONNX Runtime's CPU library: onnxruntime.mjs SIZE BATCHES ONE.onnx BATCH.onnx. Prints one line of JSON with the fields of
// `leaf bench --prediction`.
import os from 'node:os';
import ort from 'onnxruntime-node';

const WARMUP = 3;
const [size, batches, one, batch] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4], process.argv[5]];

async function milliseconds(path, faces, repeats) {
  const session = await ort.InferenceSession.create(path, {intraOpNumThreads: os.availableParallelism(), graphOptimizationLevel: 'all'});
  const views = new ort.Tensor('float32', Float32Array.from({length: faces * 3 * size * size}, Math.random), [faces, 3, size, size]);
  const times = [];
  for (let i = 0; i < WARMUP + repeats; ++i) {
    const start = performance.now();
    await session.run({views});
    if (i >= WARMUP) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
const single = await milliseconds(one, 1, 10 * batches);
const many = await milliseconds(batch, 64, batches);
console.log(JSON.stringify({faces_per_second: 64000 / at(many, 0.5), latency_ms_p50: at(single, 0.5), latency_ms_p99: at(single, 0.99), version: ort.env.versions.common}));
