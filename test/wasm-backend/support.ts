import { setFlagsFromString } from "node:v8";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import "@tensorflow/tfjs-backend-wasm";
import { completeWasmBackend, type WasmBackendReport } from "../../src/wasm-backend/index.ts";
import { hasRelaxedSimd } from "../../src/wasm-backend/native.ts";

/** Completes the wasm backend for the tests of a `describe`, and puts everything back after them. */
export function withCompletedWasm(relaxedSimd = false): void {
  let previous: string | undefined;
  let report: WasmBackendReport;
  before(async () => {
    previous = tf.getBackend();
    await tf.setBackend("cpu");
    await tf.setBackend("wasm");
    if (relaxedSimd) allowRelaxedSimd();
    (await completeWasmBackend()).undo(); // in case that it was left completed
    report = await completeWasmBackend({ relaxedSimd });
    expect(report).to.deep.include({ backend: "wasm", relaxedSimd });
  });
  after(async () => {
    report.undo();
    await tf.setBackend(previous ?? "cpu");
  });
}

/** Node 20 has relaxed SIMD behind a flag. */
export function allowRelaxedSimd(): void {
  if (!hasRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");
}

/** A suite on the completed backend, without relaxed SIMD and with it. */
export function describeCompleted(title: string, suite: () => void): void {
  for (const relaxedSimd of [false, true])
    describe(`${title}, ${relaxedSimd ? "relaxed" : "plain"} SIMD`, () => {
      withCompletedWasm(relaxedSimd);
      suite();
    });
}

export interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: ArrayLike<number>;
}

/** What `work` gives on a backend; no tensor is left. */
async function resultsOn(backend: string, work: () => tf.Tensor | tf.Tensor[]): Promise<Result[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const tensors = tf.tidy(work);
  const list = Array.isArray(tensors) ? tensors : [tensors];
  const results = list.map((tensor) => ({ shape: tensor.shape, dtype: tensor.dtype, values: tensor.dataSync() }));
  tf.dispose(tensors);
  expect(tf.memory().numTensors, `tensors left on ${backend}`).to.equal(before);
  return results;
}

/**
 * Expects the same results, shapes and dtypes on wasm as on cpu, whose sums run in another order: within `tolerance` of the largest number.
 * `work` makes its inputs itself.
 */
export async function expectAsOnCpu(work: () => tf.Tensor | tf.Tensor[], tolerance = 2e-6, dtypes = true): Promise<void> {
  const wanted = await resultsOn("cpu", work);
  const got = await resultsOn("wasm", work);
  expect(got.length).to.equal(wanted.length);
  got.forEach((result, k) => expectAlike(result, wanted[k], tolerance, dtypes));
}

function expectAlike(got: Result, wanted: Result, tolerance: number, dtypes: boolean): void {
  expect(got.shape).to.deep.equal(wanted.shape);
  if (dtypes) expect(got.dtype).to.equal(wanted.dtype);
  const scale = Array.from(wanted.values).reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
  for (let i = 0; i < wanted.values.length; i++) {
    const [a, b] = [got.values[i], wanted.values[i]];
    if (!(Object.is(a, b) || Math.abs(a - b) <= tolerance * scale))
      expect.fail(`value ${i}: expected ${b}, got ${a} (shape ${got.shape.join()})`);
  }
}

/** Reproducible numbers between -1 and 1. */
export const numbers = (size: number, seed = 1): number[] =>
  Array.from({ length: size }, (_, k) => Math.sin(12.9898 * (k + 1) + 78.233 * seed));

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** A float32 tensor of reproducible numbers. */
export const floats = (shape: number[], seed = 1): tf.Tensor => tf.tensor(numbers(sizeOf(shape), seed), shape, "float32");

/** A tensor of any dtype of numbers. */
export function values(shape: number[], dtype: "float32" | "int32" | "bool", seed = 1): tf.Tensor {
  const raw = numbers(sizeOf(shape), seed);
  if (dtype === "float32") return tf.tensor(raw, shape, dtype);
  return tf.tensor(
    raw.map((v) => (dtype === "bool" ? Number(v > 0) : Math.round(20 * v))),
    shape,
    dtype,
  );
}

export const DTYPES = ["float32", "int32", "bool"] as const;

/** A tensor of another rank than the checker knows. */
export const as = <T extends tf.Tensor>(tensor: tf.Tensor): T => tensor as T;
