import * as tf from "@tensorflow/tfjs-core";
import { Scan } from "../../engines/tfjs/scan.ts";
import type { HiddenCell, SimpleCell } from "./hiddenCell.ts";
import { recurrentProgram } from "./recurrentProgram.ts";

/** How a hidden cell goes over time: not at all, as a layer on all steps at once, as one kernel, or step by step. */
export type HiddenPath = "none" | "layer" | "scan" | "loop";

export interface HiddenRun {
  /** `[batch, steps, units]`, or `[batch, 1, units]` where only the last was asked for and the others do not matter. */
  readonly output: tf.Tensor3D;
  readonly states: readonly tf.Tensor2D[];
}

/** A hidden cell over all steps, where nothing flows back into what it sees. */
export class HiddenOverTime {
  private readonly owner: string;
  private readonly hidden: HiddenCell;
  private scan: { readonly scan: Scan; readonly names: readonly string[] } | null = null;

  constructor(owner: string, hidden: HiddenCell) {
    this.owner = owner;
    this.hidden = hidden;
  }

  get path(): HiddenPath {
    const { layer, cell, simple } = this.hidden;
    if (layer === null) return "none";
    if (cell === null) return "layer";
    return simple === null ? "loop" : "scan";
  }

  /** @param input - `[batch, steps, size]` */
  run(input: tf.Tensor3D, states: readonly tf.Tensor2D[], training: boolean): HiddenRun {
    const [batch, steps, size] = input.shape;
    switch (this.path) {
      case "none":
        return { output: input, states: [] };
      case "layer": {
        const { output } = this.hidden.step(tf.reshape(input, [batch * steps, size]), [], training);
        return this.ofLayer(tf.reshape(output, [batch, steps, -1]));
      }
      case "scan": {
        const { kernel, bias } = this.hidden.simple!;
        return this.fromCurrents(currents(tf.reshape(input, [batch * steps, size]), kernel.read() as tf.Tensor2D, bias, batch), states);
      }
      case "loop":
        return this.loop(input, states, training);
    }
  }

  /** From `input * kernel + bias` at all steps, for a simple cell. */
  fromCurrents(z: tf.Tensor3D, states: readonly tf.Tensor2D[]): HiddenRun {
    const { applyActivation, recurrentKernel } = this.hidden.simple!;
    if (recurrentKernel === null) return this.ofLayer(applyActivation(z) as tf.Tensor3D);
    const [batch, nSteps] = z.shape;
    const { scan } = (this.scan ??= this.prepare());
    const inputs = { feeds: [z], blocks: [tf.reshape(recurrentKernel.read(), [-1])], states };
    const { records, states: after } = scan.run(inputs, { batch, nSteps });
    return { output: records[0], states: after };
  }

  private ofLayer(output: tf.Tensor3D): HiddenRun {
    const [batch, steps, units] = output.shape;
    return { output, states: [tf.reshape(tf.slice(output, [0, steps - 1, 0], [batch, 1, units]), [batch, units])] };
  }

  private prepare(): { scan: Scan; names: readonly string[] } {
    const { units, activation } = this.hidden.simple!;
    const made = recurrentProgram({
      memory: null,
      hidden: { units, recurrent: true, activation, hiddenToMemory: false, dropped: false },
    });
    const { program, fed, recorded, blocks, states, names } = made;
    return { scan: new Scan(program, { owner: this.owner, fed, recorded, blocks, states }), names };
  }

  private loop(input: tf.Tensor3D, given: readonly tf.Tensor2D[], training: boolean): HiddenRun {
    this.hidden.forgetDropout();
    let states = given;
    const outputs: tf.Tensor2D[] = [];
    for (const step of tf.unstack(input, 1) as tf.Tensor2D[]) {
      const result = this.hidden.step(step, states, training);
      outputs.push(result.output);
      states = result.states;
    }
    return { output: tf.stack(outputs, 1) as tf.Tensor3D, states };
  }

  dispose(): void {
    this.scan?.scan.dispose();
    this.hidden.forgetDropout();
  }
}

/** `[batch * steps, size]` times a kernel, plus a bias: `[batch, steps, units]`. */
export function currents(input: tf.Tensor2D, kernel: tf.Tensor2D, bias: SimpleCell["bias"], batch: number): tf.Tensor3D {
  const product = tf.matMul(input, kernel);
  const sum = bias === null ? product : tf.add(product, bias.read());
  return tf.reshape(sum, [batch, -1, kernel.shape[1]]);
}
