import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../ir/program.ts";
import type { Signal } from "../../ir/signal.ts";
import { keptSignals } from "../../plan/keptSignals.ts";
import type { ProgramStage, Stages, TensorStage } from "../../plan/stages.ts";
import type { Stage } from "./stage.ts";
import type { StagedNetworkOptions, StagedRun, TensorProgram } from "./tensorProgram.ts";
import { callTensorNode, type TensorCall } from "./tensorNodeCall.ts";

interface Runnable {
  readonly stage: ProgramStage;
  readonly runner: Stage;
  readonly fed: readonly string[];
  readonly recorded: readonly string[];
  /** What goes on from run to run. */
  readonly states: readonly Signal[];
}

/** A program whose tensor nodes are in no loop: every part runs once over all steps. */
export class StagedNetwork implements TensorProgram {
  private readonly program: Program;
  private readonly parts: readonly (Runnable | TensorStage)[];
  private readonly recorded: readonly string[];
  readonly path: string;

  constructor(
    program: Program,
    stages: Extract<Stages, { kind: "feedForward" }>,
    { stages: kind, fed, recorded, blocks, seed, carries = false }: StagedNetworkOptions,
  ) {
    this.program = program;
    this.recorded = recorded;
    this.parts = stages.stages.map((stage) => {
      if (stage.kind === "tensor") return stage;
      const slots = new Set(
        stage.program.operators.flatMap((op) => ((op.kind === "feed" || op.kind === "host") && op.slot !== null ? [op.slot] : [])),
      );
      const records = new Set(stage.program.operators.flatMap((op) => (op.kind === "record" ? [op.slot] : [])));
      const own = {
        fed: [...fed.filter((s) => slots.has(s)), ...stage.fed.map((c) => c.slot)],
        recorded: [...recorded.filter((s) => records.has(s)), ...stage.recorded.map((c) => c.slot)],
      };
      const states = carries ? [...keptSignals(stage.program.operators)].filter((s) => s.perItem) : [];
      return { stage, ...own, states, runner: kind.make(stage.program, { ...own, blocks, seed, states }) };
    });
    const tensors = stages.stages.filter((s) => s.kind === "tensor").length;
    const paths = new Set(this.parts.flatMap((part) => ("runner" in part ? [part.runner.path] : [])));
    const parts = stages.stages.length - tensors;
    const around = tensors > 0 ? `, in ${parts} parts around ${tensors} tensor node${tensors > 1 ? "s" : ""}` : "";
    this.path = `${[...paths].join("; ")}${around}`;
  }

  dispose(): void {
    for (const part of this.parts) if ("runner" in part) part.runner.dispose();
  }

  run({ feeds, blocks, batch, nSteps, kwargs, carried = null }: StagedRun): Map<string, tf.Tensor> {
    const values = new Map(feeds);
    const step = carried?.step ?? 0;
    const after: (readonly [Signal, tf.Tensor2D])[] = [];
    for (const part of this.parts) {
      if ("runner" in part) {
        const inputs = { feeds: part.fed.map((slot) => values.get(slot)!), blocks };
        const { records: outputs, states } =
          carried === null
            ? part.runner.run(inputs, { batch, nSteps })
            : part.runner.run(
                { ...inputs, states: part.states.map((s) => carried.state(s)) },
                { batch, nSteps, step, streams: carried.streams },
              );
        states.forEach((value, k) => after.push([part.states[k], value]));
        part.recorded.forEach((slot, k) => values.set(slot, outputs[k]));
      } else {
        const { operator, x, y } = part;
        const whole = x === null ? null : values.get(x.slot)!;
        const input = x === null || x.length === x.signal.size ? whole : tf.slice(whole!, [0, 0, x.offset], [batch, nSteps, x.length]);
        values.set(y.slot, callTensorNode(operator.node as TensorCall, input, { batch, nSteps, dt: this.program.dt, step }, kwargs));
      }
    }
    carried?.advance(nSteps, after);
    return new Map(this.recorded.map((slot) => [slot, values.get(slot)!]));
  }
}
