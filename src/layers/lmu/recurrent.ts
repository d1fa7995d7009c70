import * as tf from "@tensorflow/tfjs-core";
import { Scan } from "../../engines/tfjs/scan.ts";
import { inputs, type UnitRun } from "./feedforward.ts";
import { HiddenOverTime, currents, type HiddenPath } from "./hiddenOverTime.ts";
import type { LMUCell } from "./lmuCell.ts";
import { recurrentProgram, type RecurrentProgram } from "./recurrentProgram.ts";

export interface RecurrentCall {
  /** `[batch, steps, inputSize]` */
  readonly x: tf.Tensor3D;
  /** Memory first. */
  readonly states: readonly tf.Tensor2D[];
  readonly training: boolean;
}

/** How a memory that its own past, the hidden state or a training theta shape goes over time. */
export type RecurrentPath = "scan" | "loop";

/** Such a memory and what follows it, over all steps: as one kernel where the hidden cell allows it, else step by step. */
export class Recurrent {
  private readonly owner: string;
  private readonly cell: LMUCell;
  private readonly hidden: HiddenOverTime;
  private scan: { readonly scan: Scan; readonly made: RecurrentProgram; readonly dropping: boolean } | null = null;

  constructor(owner: string, cell: LMUCell) {
    this.owner = owner;
    this.cell = cell;
    this.hidden = new HiddenOverTime(owner, cell.definition.hidden);
  }

  get path(): RecurrentPath {
    const { hiddenToMemory, hidden } = this.cell.definition;
    return hiddenToMemory && hidden.simple === null ? "loop" : "scan";
  }

  get hiddenPath(): HiddenPath {
    return this.cell.definition.hiddenToMemory ? this.path : this.hidden.path;
  }

  run(call: RecurrentCall): UnitRun {
    return this.path === "loop" ? this.loop(call) : this.fused(call);
  }

  private fused({ x, states, training }: RecurrentCall): UnitRun {
    const [batch, nSteps, inputSize] = x.shape;
    const { cell, scan } = this;
    const { definition } = cell;
    const { hiddenToMemory, memorySize, inputToHidden } = definition;
    const dropped = cell.draw(batch, training);
    const dropping = dropped.input !== null || dropped.memory !== null;
    if (scan?.dropping !== dropping) {
      scan?.scan.dispose();
      this.scan = this.prepare(dropping);
    }
    const { scan: program, made } = this.scan!;
    const { kernel, bias, recurrentKernel } = cell.tensors;
    const { A, B } = cell.matrices();
    const slice = (t: tf.Tensor2D, from: number, rows: number): tf.Tensor2D => tf.slice(t, [from, 0], [rows, t.shape[1]]);
    const given =
      dropped.input === null ? x : tf.mul<tf.Tensor3D>(x, tf.expandDims(tf.slice(dropped.input, [0, 0], [batch, inputSize]), 1));
    const feeds: tf.Tensor[] = [inputs(given, kernel === null ? null : slice(kernel, 0, inputSize), bias)];
    const weights: Record<string, tf.Tensor | null> = { A, B, R: recurrentKernel };
    const begin = [states[0]];
    const hidden = hiddenToMemory ? definition.hidden.simple! : null;
    if (hidden !== null) {
      const { units, kernel: own, recurrentKernel: U, bias: hiddenBias } = hidden;
      const read = own.read() as tf.Tensor2D;
      weights["K"] = slice(kernel!, inputSize, units);
      weights["W"] = slice(read, 0, memorySize);
      weights["U"] = U === null ? null : U.read();
      if (inputToHidden)
        feeds.push(currents(tf.reshape(x, [batch * nSteps, inputSize]), slice(read, memorySize, inputSize), hiddenBias, batch));
      else {
        const zeros = tf.zeros<tf.Rank.R3>([batch, nSteps, units]);
        feeds.push(hiddenBias === null ? zeros : tf.add(zeros, hiddenBias.read()));
      }
      begin.push(states[1]);
    }
    for (const { name } of made.states) {
      if (name === "dropped m") begin.push(dropped.memory ?? tf.ones([batch, memorySize]));
      if (name === "dropped h") begin.push(dropped.input === null ? tf.ones([batch, hidden!.units]) : tf.slice(dropped.input, [0, inputSize], [batch, hidden!.units])); // prettier-ignore
    }
    const blocks = made.names.map((name) => tf.reshape(weights[name]!, [-1]));
    const { records, states: after } = program.run({ feeds, blocks, states: begin }, { batch, nSteps });
    if (hidden !== null) return { output: records[1], states: after.slice(0, 2) };
    const [memory] = records;
    const seen = inputToHidden ? tf.concat([memory, x], 2) : memory;
    const result = this.hidden.run(seen, states.slice(1), training);
    return { output: result.output, states: [after[0], ...result.states] };
  }

  private prepare(dropping: boolean): { scan: Scan; made: RecurrentProgram; dropping: boolean } {
    const { definition } = this.cell;
    const { memoryD, order, trainableTheta, memoryToMemory, hiddenToMemory, dropout, recurrentDropout } = definition;
    const simple = hiddenToMemory ? definition.hidden.simple! : null;
    const made = recurrentProgram({
      memory: { memoryD, order, trained: trainableTheta, memoryToMemory, dropped: dropping && recurrentDropout > 0 },
      hidden:
        simple === null
          ? null
          : {
              units: simple.units,
              recurrent: simple.recurrentKernel !== null,
              activation: simple.activation,
              hiddenToMemory,
              dropped: dropping && dropout > 0,
            },
    });
    const { program, fed, recorded, blocks, states } = made;
    return { scan: new Scan(program, { owner: this.owner, fed, recorded, blocks, states }), made, dropping };
  }

  private loop({ x, states, training }: RecurrentCall): UnitRun {
    const { cell } = this;
    cell.definition.hidden.forgetDropout();
    const [batch] = x.shape;
    const shared = { matrices: cell.matrices(), dropped: cell.draw(batch, training), training };
    let [memory, ...hidden] = states;
    const outputs: tf.Tensor2D[] = [];
    for (const step of tf.unstack(x, 1) as tf.Tensor2D[]) {
      let output: tf.Tensor2D;
      [output, memory, ...hidden] = cell.step(step, memory, hidden, shared);
      outputs.push(output);
    }
    return { output: tf.stack(outputs, 1) as tf.Tensor3D, states: [memory, ...hidden] };
  }

  dispose(): void {
    this.scan?.scan.dispose();
    this.hidden.dispose();
  }
}
