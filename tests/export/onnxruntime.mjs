// What ONNX Runtime says: onnxruntime.mjs PACKAGES FOLDER…, where PACKAGES has node_modules/onnxruntime-node and each folder
// model.onnx, shape.json and faces.bin (float32). Writes logits.bin and probabilities.bin there.
import fs from 'node:fs';
import {createRequire} from 'node:module';

const ort = createRequire(`${process.argv[2]}/`)('onnxruntime-node');

for (const folder of process.argv.slice(3)) {
  const session = await ort.InferenceSession.create(`${folder}/model.onnx`);
  const bytes = fs.readFileSync(`${folder}/faces.bin`);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const faces = new ort.Tensor('float32', numbers, JSON.parse(fs.readFileSync(`${folder}/shape.json`, 'utf8')));
  const said = await session.run({faces});
  for (const name of ['logits', 'probabilities']) {
    const {data} = said[name];
    fs.writeFileSync(`${folder}/${name}.bin`, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
}
