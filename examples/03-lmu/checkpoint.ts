import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";

/** How far a training is. */
export interface Progress {
  /** Whole epochs, and batches of the one after them. */
  epoch: number;
  batch: number;
  /** Of computing, for whole epochs and for the present one. */
  secondsByEpoch: number[];
  seconds: number;
  /** After every epoch. */
  results: { validation: { loss: number; accuracy: number }; test: { loss: number; accuracy: number } }[];
  backend: string;
}

interface Slots {
  readonly specs: tf.io.WeightsManifestEntry[];
}

/** Writes model, optimizer and progress; an interruption leaves what was there before. */
export async function saveCheckpoint(folder: string, model: tf.LayersModel, optimizer: tf.Optimizer, progress: Progress): Promise<void> {
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  await model.save(nengo.fileHandler(join(next, "model")));
  const { data, specs } = await tf.io.encodeWeights(await optimizer.getWeights());
  writeFileSync(join(next, "optimizer.bin"), new Uint8Array(data));
  writeFileSync(join(next, "optimizer.json"), JSON.stringify({ specs } satisfies Slots));
  writeFileSync(join(next, "progress.json"), JSON.stringify(progress, null, 2));
  const old = `${folder}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(next, folder);
  rmSync(old, { recursive: true, force: true });
}

/** The saved model, and what is to be given to its optimizer; null where nothing was saved. */
export async function loadCheckpoint(
  folder: string,
): Promise<{ model: tf.LayersModel; progress: Progress; restore: (optimizer: tf.Optimizer) => Promise<void> } | null> {
  const from = existsSync(folder) ? folder : `${folder}.old`;
  if (!existsSync(from)) return null;
  const model = await tf.loadLayersModel(nengo.fileHandler(join(from, "model")));
  const progress = JSON.parse(readFileSync(join(from, "progress.json"), "utf8")) as Progress;
  const { specs } = JSON.parse(readFileSync(join(from, "optimizer.json"), "utf8")) as Slots;
  const bytes = new Uint8Array(readFileSync(join(from, "optimizer.bin"))).buffer;
  const restore = async (optimizer: tf.Optimizer): Promise<void> => {
    const tensors = tf.io.decodeWeights(bytes, specs);
    await optimizer.setWeights(specs.map(({ name }) => ({ name, tensor: tensors[name] })));
  };
  return { model, progress, restore };
}
