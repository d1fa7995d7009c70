import * as tf from "@tensorflow/tfjs-core";
import { HiddenOverTime, currents } from "./hiddenOverTime.ts";
import type { LMUCell } from "./lmuCell.ts";
import { cheaperForm, MemoryOverTime, type MemoryForm } from "./memoryOverTime.ts";
import { memoryMatrices } from "./memoryMatrices.ts";

export interface UnitRun {
  /** `[batch, steps, units]`, or the last step alone. */
  readonly output: tf.Tensor3D;
  /** Memory first. */
  readonly states: readonly tf.Tensor2D[];
}

export interface FeedforwardCall {
  /** `[batch, steps, inputSize]` */
  readonly x: tf.Tensor3D;
  /** Memory first. */
  readonly states: readonly tf.Tensor2D[];
  /** Whether those are zeros. */
  readonly fresh: boolean;
  readonly training: boolean;
  /** Whether only the last step's output is asked for. */
  readonly lastOnly: boolean;
}

/** A memory that nothing feeds back into, and what follows it, over all steps. */
export class Feedforward {
  private readonly cell: LMUCell;
  private readonly memory: MemoryOverTime;
  private readonly hidden: HiddenOverTime;
  private readonly form: MemoryForm | "auto";

  constructor(owner: string, cell: LMUCell, form: MemoryForm | "auto", truncateIr = 0) {
    const { order, theta, discretizer, hidden } = cell.definition;
    this.cell = cell;
    this.memory = new MemoryOverTime(memoryMatrices(order, theta, discretizer), truncateIr);
    this.hidden = new HiddenOverTime(owner, hidden);
    this.form = form;
  }

  /** The form of the memory for so many steps on the present backend. */
  formFor(steps: number, fresh: boolean): MemoryForm {
    if (this.form !== "auto") return this.form;
    return fresh ? cheaperForm(tf.getBackend(), this.cell.definition.order, steps) : "blocked";
  }

  get hiddenPath() {
    return this.hidden.path;
  }

  run({ x, states, fresh, training, lastOnly }: FeedforwardCall): UnitRun {
    const [batch, steps] = x.shape;
    const { definition } = this.cell;
    const form = this.formFor(steps, fresh);
    const { kernel, bias } = this.cell.tensors;
    const { input: factors } = this.cell.draw(batch, training);
    const given = factors === null ? x : tf.mul<tf.Tensor3D>(x, tf.expandDims(factors, 1));
    const hidden = definition.hidden.simple;
    // The memory is linear: with no more inputs than memories, inputs are remembered, and the kernel joins that of the hidden cell.
    if (kernel !== null && bias === null && fresh && hidden !== null && x.shape[2] <= definition.memoryD)
      return this.kernelLast({ x, states, fresh, training, lastOnly }, given, kernel, form);
    const u = inputs(given, kernel, bias);
    if (lastOnly && fresh && this.hidden.path !== "scan" && this.hidden.path !== "loop" && form === "blocked") {
      const end = this.memory.end(asRows(u));
      const memory = tf.reshape<tf.Rank.R2>(end, [batch, definition.memorySize]);
      const last = tf.slice(x, [0, steps - 1, 0], [batch, 1, -1]);
      const seen = this.seen(tf.expandDims(memory, 1), last);
      const run = this.hidden.run(seen, [], training);
      return { output: run.output, states: [memory, ...run.states] };
    }
    const start = fresh ? null : tf.reshape<tf.Rank.R2>(states[0], [batch * definition.memoryD, definition.order]);
    const { states: memory, end } = this.memory.run(form, asRows(u), start);
    const run = this.hidden.run(this.seen(asSteps(memory, batch), x), states.slice(1), training);
    return { output: run.output, states: [tf.reshape(end, [batch, definition.memorySize]), ...run.states] };
  }

  private kernelLast({ x, states, lastOnly }: FeedforwardCall, given: tf.Tensor3D, kernel: tf.Tensor2D, form: MemoryForm): UnitRun {
    const { memoryD, order, memorySize, hidden, inputToHidden } = this.cell.definition;
    const { kernel: hiddenKernel, bias, units, recurrentKernel } = hidden.simple!;
    const [batch, steps, inputSize] = x.shape;
    const onlyEnd = lastOnly && recurrentKernel === null && form === "blocked";
    const rows = asRows(given);
    const run = onlyEnd ? null : this.memory.run(form, rows, null);
    const end = run === null ? this.memory.end(rows) : run.end;
    const remembered = run === null ? tf.reshape<tf.Rank.R3>(end, [batch, 1, inputSize * order]) : asSteps(run.states, batch);
    const read = hiddenKernel.read() as tf.Tensor2D;
    const ofMemory = tf.reshape(tf.slice(read, [0, 0], [memorySize, units]), [memoryD, order * units]);
    const joined = tf.reshape<tf.Rank.R2>(tf.matMul(kernel, ofMemory), [inputSize * order, units]);
    const count = remembered.shape[1];
    let z = currents(tf.reshape(remembered, [batch * count, inputSize * order]), joined, bias, batch);
    if (inputToHidden) {
      const ofInput = tf.slice(read, [memorySize, 0], [inputSize, units]);
      const last = count === steps ? x : tf.slice(x, [0, steps - 1, 0], [batch, 1, inputSize]);
      z = tf.add(z, currents(tf.reshape(last, [batch * count, inputSize]), ofInput, null, batch));
    }
    const result = this.hidden.fromCurrents(z, states.slice(1));
    // [batch, inputs, order] to [batch, memories, order]
    const turned = tf.reshape<tf.Rank.R2>(tf.transpose(tf.reshape(end, [batch, inputSize, order]), [0, 2, 1]), [-1, inputSize]);
    const memory = tf.transpose(tf.reshape(tf.matMul(turned, kernel), [batch, order, memoryD]), [0, 2, 1]);
    return { output: result.output, states: [tf.reshape(memory, [batch, memorySize]), ...result.states] };
  }

  /** What the hidden cell sees. */
  private seen(memory: tf.Tensor3D, x: tf.Tensor3D): tf.Tensor3D {
    return this.cell.definition.inputToHidden ? tf.concat([memory, x], 2) : memory;
  }

  dispose(): void {
    this.memory.dispose();
    this.hidden.dispose();
  }
}

/** What goes into the memories at all steps, `[batch, steps, memoryD]`. */
export function inputs(x: tf.Tensor3D, kernel: tf.Tensor2D | null, bias: tf.Tensor1D | null): tf.Tensor3D {
  const [batch, steps, size] = x.shape;
  const product =
    kernel === null ? x : tf.reshape<tf.Rank.R3>(tf.matMul(tf.reshape(x, [batch * steps, size]), kernel), [batch, steps, kernel.shape[1]]);
  return bias === null ? product : tf.add(product, bias);
}

/** `[batch, steps, signals]` as `[batch * signals, steps]`. */
function asRows(u: tf.Tensor3D): tf.Tensor2D {
  const [batch, steps, signals] = u.shape;
  return tf.reshape(signals === 1 ? u : tf.transpose(u, [0, 2, 1]), [batch * signals, steps]);
}

/** `[batch * signals, steps, order]` as `[batch, steps, signals * order]`. */
function asSteps(states: tf.Tensor3D, batch: number): tf.Tensor3D {
  const [rows, steps, order] = states.shape;
  const signals = rows / batch;
  if (signals === 1) return states;
  return tf.reshape(tf.transpose(tf.reshape(states, [batch, signals, steps, order]), [0, 2, 1, 3]), [batch, steps, signals * order]);
}
