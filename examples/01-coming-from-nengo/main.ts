/** Nengo's way into this library: the tutorial network simulated, batched, fed, trained, evaluated and extended. */
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { dataAtRunTime, parity, resetsAndMinibatch, tensorNode } from "./simulate.ts";
import { training } from "./train.ts";

const start = performance.now();
await nengo.useBackend("wasm");
console.log(`tfjs ${tf.version.tfjs}, backend ${tf.getBackend()}`);
await parity();
await resetsAndMinibatch();
await dataAtRunTime();
await training();
await tensorNode();
console.log(`\nAll steps hold. ${((performance.now() - start) / 1000).toFixed(1)} s`);
