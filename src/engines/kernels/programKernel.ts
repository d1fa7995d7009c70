import * as tf from "@tensorflow/tfjs-core";
import type { Floats, Table } from "../engine.ts";
import { WasmEngine } from "../wasm/engine.ts";
import { arenaOf, BackendArena } from "./backendArena.ts";
import type { Tape } from "../gradient.ts";
import type { Streams } from "../streams.ts";
import type { DeferredProduct } from "../deferredProducts.ts";
import type { StageRunner, StageRun } from "../stageRunner.ts";
import { NengoError } from "../../errors.ts";

/*
 * A stage of a program as one tfjs kernel, with a gradient, on every backend that computes on the CPU. The tape of a run
 * is kept in the kernel's attributes, which tfjs holds exactly as long as its own tape: it is freed with it, costs no
 * backend memory, and no gradient (an array of zeros) is made for it as would be for an output.
 */

const RUN = "NengoRun";
const RUN_WITH_TAPE = "NengoRunWithTape";
const RUN_WITH_PRODUCTS = "NengoRunWithProducts";
const GRADIENT = "NengoRunGradient";

/** Backends whose data the kernel can read and write at once. */
export const kernelBackends = ["cpu", "wasm", "tensorflow"] as const;

interface Attributes {
  readonly runner: StageRunner;
  readonly nSteps: number;
  readonly batch: number;
  /** Number of inputs that are feeds, and of those that are parameter blocks; the others are states at the start. */
  readonly feeds: number;
  readonly blocks: number;
  readonly step: number;
  readonly streams: Streams | null;
  /** Gradients of blocks that the backward pass leaves to products of records and gradients of feeds. */
  readonly products: readonly DeferredProduct[];
  /** Written by the forward pass, used up by the backward pass. */
  tape: Tape | null;
}

interface Backend {
  readSync(dataId: object): Floats | Int32Array | Uint8Array;
  write(values: Floats, shape: number[], dtype: "float32"): object;
}

/** The backend's memory, where the stage's engine works in it. */
function sharedArena({ engine }: StageRunner, backend: Backend): BackendArena | null {
  if (!(engine instanceof WasmEngine) || !(engine.arena instanceof BackendArena)) return null;
  return engine.arena === arenaOf(backend) ? engine.arena : null;
}

/** A tensor to be written: in place where the engine works in the backend's memory, else copied when it is done. */
function target(arena: BackendArena | null, backend: Backend, shape: number[]): { data: Table["data"]; finish: () => tf.TensorInfo } {
  if (arena !== null) {
    const { tensor, array } = arena.output(shape);
    return { data: array, finish: () => tensor };
  }
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  return { data, finish: () => made(backend, data, shape) };
}

function made(backend: Backend, data: Float32Array, shape: number[]): tf.TensorInfo {
  return { dataId: backend.write(data, shape, "float32"), shape, dtype: "float32" };
}

const dataOf = (arena: BackendArena | null, backend: Backend, t: tf.TensorInfo): Table["data"] =>
  arena?.arrayOf(t) ?? (backend.readSync(t.dataId) as Floats);

function runOf(
  inputs: readonly tf.TensorInfo[],
  { runner, nSteps, batch, feeds, blocks, step, streams }: Attributes,
  backend: Backend,
): StageRun {
  const arena = sharedArena(runner, backend);
  return {
    batch,
    nSteps,
    feeds: inputs.slice(0, feeds).map((t) => dataOf(arena, backend, t)),
    blocks: inputs.slice(feeds, feeds + blocks).map((t) => dataOf(arena, backend, t)),
    states: inputs.slice(feeds + blocks).map((t) => dataOf(arena, backend, t)),
    step,
    streams,
  };
}

type KernelArguments = { inputs: unknown; attrs?: unknown; backend: unknown };

function forward({ inputs, attrs, backend }: KernelArguments, taped: boolean): tf.TensorInfo[] {
  const attributes = attrs as Attributes;
  const { runner, batch } = attributes;
  const b = backend as Backend;
  const arena = sharedArena(runner, b);
  const rows = runner.rows(attributes);
  const targets = runner.recordSizes.map((size, k) => target(arena, b, [batch, rows[k], size]));
  const data = targets.map((t) => t.data);
  const run = runOf(inputs as tf.TensorInfo[], attributes, b);
  let states: readonly Floats[];
  if (taped) ({ tape: attributes.tape, states } = runner.runWithTape(run, data));
  else states = runner.run(run, data);
  return [...targets.map((t) => t.finish()), ...states.map((s, k) => made(b, s as Float32Array, [batch, runner.stateSizes[k]]))];
}

/** Inputs: gradients of the outputs, then the run's inputs. */
function gradient({ inputs, attrs, backend }: KernelArguments): tf.TensorInfo[] {
  const attributes = attrs as Attributes;
  const { runner, tape } = attributes;
  const b = backend as Backend;
  if (tape === null) throw new NengoError("NengoLayer: expected one gradient of a forward pass, got another one. Call the layer again.");
  const arena = sharedArena(runner, b);
  const all = inputs as tf.TensorInfo[];
  const nOutputs = runner.recordSizes.length + runner.stateSizes.length;
  const [outputs, own] = [all.slice(0, nOutputs), all.slice(nOutputs)];
  const targets = own.slice(0, attributes.feeds).map((t) => target(arena, b, t.shape));
  const gradients = runner.backward(
    tape,
    runOf(own, attributes, b),
    outputs.map((t) => dataOf(arena, b, t)),
    targets.map((t) => t.data),
  );
  attributes.tape = null;
  return [
    ...targets.map((t) => t.finish()),
    ...gradients.blocks.map((d) => made(b, d as Float32Array, [d.length])),
    ...gradients.states
      .slice(0, own.length - attributes.feeds - attributes.blocks)
      .map((d, k) => made(b, d as Float32Array, [attributes.batch, runner.stateSizes[k]])),
  ];
}

for (const backendName of kernelBackends) {
  tf.registerKernel({ kernelName: RUN, backendName, kernelFunc: (args) => forward(args, false) });
  for (const kernelName of [RUN_WITH_TAPE, RUN_WITH_PRODUCTS])
    tf.registerKernel({ kernelName, backendName, kernelFunc: (args) => forward(args, true) });
  tf.registerKernel({ kernelName: GRADIENT, backendName, kernelFunc: gradient });
}
tf.registerGradient({
  kernelName: RUN_WITH_TAPE,
  saveAllInputs: true,
  gradFunc: (dys, saved, attrs) => {
    // At once, not inside the functions below: tfjs calls each in a tidy of its own, which would dispose the others' results.
    const all = [...[dys].flat(), ...saved];
    const results = tf.engine().runKernel(GRADIENT, all as unknown as tf.NamedTensorMap, attrs) as unknown as tf.Tensor[];
    return Object.fromEntries(results.map((d, k) => [`${k}`, () => d]));
  },
});

/** Outputs that are kept for {@link RUN_WITH_PRODUCTS}: all, however many there are. */
const ALL = Array.from({ length: 64 }, () => true);
tf.registerGradient({
  kernelName: RUN_WITH_PRODUCTS,
  saveAllInputs: true,
  outputsToSave: ALL,
  gradFunc: (dys, saved, attrs) => {
    const attributes = attrs as unknown as Attributes;
    const { feeds, products, runner } = attributes;
    const inputs = saved.slice(0, saved.length - runner.recordSizes.length - runner.stateSizes.length);
    const outputs = saved.slice(inputs.length);
    const all = [...[dys].flat(), ...inputs];
    const results = tf.engine().runKernel(GRADIENT, all as unknown as tf.NamedTensorMap, attrs) as unknown as tf.Tensor[];
    for (const product of products) {
      const at = feeds + product.block;
      results[at].dispose();
      results[at] = productOf(outputs[product.record], results[product.feed], product.outputFirst, inputs[at].shape);
    }
    return Object.fromEntries(results.map((d, k) => [`${k}`, () => d]));
  },
});

/** Sum over all steps of outer products of x and dy, in a block's order. Transposed first: tfjs's wasm backend is slow at it within a product. */
function productOf(x: tf.Tensor, dy: tf.Tensor, outputFirst: boolean, shape: number[]): tf.Tensor {
  return tf.tidy(() => {
    const [a, b] = (outputFirst ? [dy, x] : [x, dy]).map((t) => tf.reshape<tf.Rank.R2>(t, [-1, t.shape[2]!]));
    return tf.reshape(tf.matMul(tf.transpose(a), b), shape);
  });
}

/** Whether operations are being recorded for a gradient. */
export const isTaping = (): boolean => (tf.engine() as unknown as { state: { gradientDepth: number } }).state.gradientDepth > 0;

/** How much a stage runs; `step` and `streams` where it goes on from an earlier run. */
export interface StageExtent {
  readonly batch: number;
  readonly nSteps: number;
  readonly step?: number;
  readonly streams?: Streams | null;
}

/** Tensors that go into a stage. */
export interface StageInputs {
  /** `[batch, nSteps, size]` each. */
  readonly feeds: readonly tf.Tensor[];
  /** Parameter blocks, `[size]` each. */
  readonly blocks: readonly tf.Tensor[];
  /** Carried states at the start, `[batch, size]` each. @defaultValue the program's initial values */
  readonly states?: readonly tf.Tensor[];
}

/** Tensors that come out of a stage. */
export interface StageOutputs {
  /** `[batch, rows, size]` for every recorded slot. */
  readonly records: tf.Tensor3D[];
  /** Carried states at the end, `[batch, size]` each. */
  readonly states: tf.Tensor2D[];
}

/**
 * Runs a stage on tensors.
 * @param products - gradients of blocks that do not train within the program
 */
export function runStage(
  runner: StageRunner,
  { feeds, blocks, states = [] }: StageInputs,
  { batch, nSteps, step = 0, streams = null }: StageExtent,
  products: readonly DeferredProduct[] = [],
): StageOutputs {
  const attributes: Attributes = { runner, nSteps, batch, feeds: feeds.length, blocks: blocks.length, step, streams, products, tape: null };
  const inputs = [...feeds, ...blocks, ...states] as unknown as tf.NamedTensorMap;
  const attrs = attributes as unknown as tf.NamedAttrMap;
  const taped = isTaping();
  const kernel = !taped ? RUN : products.length === 0 ? RUN_WITH_TAPE : RUN_WITH_PRODUCTS;
  const outputs = tf.engine().runKernel(kernel, inputs, attrs) as unknown as tf.Tensor[];
  const nRecords = runner.recordSizes.length;
  return { records: outputs.slice(0, nRecords) as tf.Tensor3D[], states: outputs.slice(nRecords) as tf.Tensor2D[] };
}
