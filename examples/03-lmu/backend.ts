import { createRequire } from "node:module";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";

/**
 * The fastest backend that is there: the native one of the folder that TFJS_NODE_DIR names (in whose node_modules
 * @tensorflow/tfjs-node loads), else the wasm backend, completed.
 */
export async function fastestBackend(): Promise<string> {
  const folder = process.env["TFJS_NODE_DIR"];
  if (folder !== undefined) {
    // Its kernels for other backends are there already, which it says for each of them.
    const { warn } = console;
    console.warn = () => undefined;
    createRequire(join(folder, "any.js"))("@tensorflow/tfjs-node");
    console.warn = warn;
    await tf.setBackend("tensorflow");
  } else {
    await nengo.useBackend("wasm");
    await nengo.completeWasmBackend();
  }
  return tf.getBackend();
}
