import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { blockOf, type StageBlock } from "../../../src/engines/blocks.ts";
import { runStage, type StageExtent, type StageInputs, type StageOutputs } from "../../../src/engines/kernels/programKernel.ts";
import { referenceEngine } from "../../../src/engines/reference/engine.ts";
import { StageRunner } from "../../../src/engines/stageRunner.ts";
import { OpsProgram } from "../../../src/engines/tfjs/opsProgram.ts";
import type { Program } from "../../../src/ir/program.ts";
import type { Signal } from "../../../src/ir/signal.ts";
import { RandomState } from "../../../src/math/random.ts";

/** A program with all that is fed to it, given to it and returned by it. */
export interface Case {
  readonly program: Program;
  readonly nSteps: number;
  readonly batch: number;
  /** Sizes of what is fed, by slot. */
  readonly feeds?: Readonly<Record<string, number>>;
  readonly parameters?: readonly Signal[];
  readonly states?: readonly Signal[];
  /** Whether states start at the program's own initial values; they are returned all the same. */
  readonly ownStart?: boolean;
  readonly scale?: number;
  readonly seed?: number;
  /** Whole numbers of sixteenths are fed, so that sums are exact. */
  readonly exact?: boolean;
}

/** Numbers that go into a run, as arrays and their shapes. */
export interface Numbers {
  readonly feeds: readonly [Float32Array, number[]][];
  readonly blocks: readonly [Float32Array, number[]][];
  readonly states: readonly [Float32Array, number[]][];
}

export function numbersFor({
  nSteps,
  batch,
  feeds = {},
  parameters = [],
  states = [],
  ownStart = false,
  scale = 1,
  seed = 0,
  exact = false,
}: Case): Numbers {
  const rng = new RandomState(seed);
  const random = (n: number): Float32Array =>
    exact ? Float32Array.from({ length: n }, () => rng.randint(-64, 65) / 16) : Float32Array.from(rng.normals(n), (v) => v * scale);
  return {
    feeds: Object.values(feeds).map((size) => [random(batch * nSteps * size), [batch, nSteps, size]]),
    blocks: parameters.map((p) => [Float32Array.from(p.initial!), [p.size]]),
    states: (ownStart ? [] : states).map((s) => [random(batch * s.size), [batch, s.size]]),
  };
}

const slotsOf = (program: Program): string[] => program.operators.flatMap((op) => (op.kind === "record" ? [op.slot] : []));

export const optionsOf = ({ program, feeds = {}, parameters = [], states = [] }: Case) => ({
  fed: Object.keys(feeds),
  recorded: slotsOf(program),
  blocks: parameters.map((p): StageBlock => blockOf(p)),
  states,
  seed: 6,
});

export type Runner = (inputs: StageInputs, extent: StageExtent) => StageOutputs;

export const opsRunner = (c: Case): Runner => {
  const program = new OpsProgram(c.program, optionsOf(c));
  return (inputs, extent) => program.run(inputs, extent);
};

/** The kernel, by the reference engine in float32. */
export const kernelRunner = (c: Case): Runner => {
  const { states = [] } = c;
  const program = { ...c.program, results: [...c.program.results, ...states] };
  const runner = new StageRunner(program, { ...optionsOf(c), engine: referenceEngine, dtype: "float32" });
  return (inputs, extent) => runStage(runner, inputs, extent);
};

export interface Ran {
  readonly records: number[][];
  readonly states: number[][];
}

const tensors = (list: readonly [Float32Array, number[]][]): tf.Tensor[] => list.map(([data, shape]) => tf.tensor(data, shape));

/** Runs forward only. Nothing may be left behind. */
export function forward(runner: Runner, c: Case, numbers = numbersFor(c)): Ran {
  const before = tf.memory().numTensors;
  const out = tf.tidy(() => {
    const inputs = { feeds: tensors(numbers.feeds), blocks: tensors(numbers.blocks), states: tensors(numbers.states) };
    const { records, states } = runner(inputs, { batch: c.batch, nSteps: c.nSteps });
    return { records: records.map((t) => [...t.dataSync()]), states: states.map((t) => [...t.dataSync()]) };
  });
  expect(tf.memory().numTensors, "tensors left behind").to.equal(before);
  return out;
}

export interface Gradients extends Ran {
  /** With respect to feeds, blocks and states, one after another. */
  readonly gradients: number[][];
}

/** Gradients of the sum of all that comes out, with random weights, with respect to all that goes in. */
export function gradients(runner: Runner, c: Case, numbers = numbersFor(c)): Gradients {
  const before = tf.memory().numTensors;
  const out = tf.tidy(() => {
    const rng = new RandomState(77);
    let ran: Ran = { records: [], states: [] };
    const all = [...tensors(numbers.feeds), ...tensors(numbers.blocks), ...tensors(numbers.states)];
    const [nf, nb] = [numbers.feeds.length, numbers.blocks.length];
    const f = (...x: tf.Tensor[]): tf.Scalar => {
      const inputs = { feeds: x.slice(0, nf), blocks: x.slice(nf, nf + nb), states: x.slice(nf + nb) };
      const { records, states } = runner(inputs, { batch: c.batch, nSteps: c.nSteps });
      ran = { records: records.map((t) => [...t.dataSync()]), states: states.map((t) => [...t.dataSync()]) };
      const terms = [...records, ...states].map((t) => tf.sum(tf.mul(t, tf.tensor(Float32Array.from(rng.normals(t.size)), t.shape))));
      // Everything takes part, also what nothing depends on.
      const rest = x.map((t) => tf.mul(tf.sum(t), 0));
      return [...terms, ...rest].reduce((a, b) => tf.add(a, b)) as tf.Scalar;
    };
    const { grads } = tf.valueAndGrads(f)(all);
    return { ...ran, gradients: grads.map((t) => [...t.dataSync()]) };
  });
  expect(tf.memory().numTensors, "tensors left behind").to.equal(before);
  return out;
}

/** Every number within a part of the largest of its kind (or of 1). */
export function expectNear(got: readonly number[][], wanted: readonly number[][], part: number, what: string): void {
  expect(got.length, `number of ${what}s`).to.equal(wanted.length);
  wanted.forEach((values, k) => {
    expect(got[k].length, `length of ${what} ${k}`).to.equal(values.length);
    const scale = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
    values.forEach((v, i) => {
      if (!(Math.abs(got[k][i] - v) <= part * scale) && !Object.is(got[k][i], v))
        expect.fail(`${what} ${k}, number ${i}: expected ${v} within ${part * scale}, got ${got[k][i]}`);
    });
  });
}
