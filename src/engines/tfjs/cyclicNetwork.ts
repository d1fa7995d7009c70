import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../ir/program.ts";
import type { Signal } from "../../ir/signal.ts";
import type { ProgramStage, Stages, TensorStage } from "../../plan/stages.ts";
import { makeStreams } from "../streams.ts";
import { initialState } from "./carried.ts";
import type { Stage } from "./stage.ts";
import type { StagedNetworkOptions, StagedRun, TensorProgram } from "./tensorProgram.ts";
import { callTensorNode, type TensorCall } from "./tensorNodeCall.ts";

interface Runnable {
  readonly stage: ProgramStage;
  readonly runner: Stage;
  readonly fed: readonly string[];
  readonly recorded: readonly { readonly slot: string; readonly period: number }[];
}

/**
 * A network with a tensor node in a loop: every step is a chain of kernels and tensor nodes, with all values that go from
 * one to the next as tensors. Gradients go through time by tfjs's own tape. Slow, and said so in reports.
 */
export class CyclicNetwork implements TensorProgram {
  private readonly program: Program;
  private readonly parts: readonly (Runnable | TensorStage)[];
  private readonly options: StagedNetworkOptions;
  private readonly states: ReadonlyMap<string, Signal>;
  readonly path: string;

  constructor(program: Program, { segments, through }: Extract<Stages, { kind: "cyclic" }>, options: StagedNetworkOptions) {
    const { stages: kind, fed, recorded, blocks, seed } = options;
    this.program = program;
    this.options = options;
    this.parts = segments.map((stage) => {
      if (stage.kind === "tensor") return stage;
      const slots = new Set(
        stage.program.operators.flatMap((op) => ((op.kind === "feed" || op.kind === "host") && op.slot !== null ? [op.slot] : [])),
      );
      const periods = new Map(stage.program.operators.flatMap((op) => (op.kind === "record" ? [[op.slot, op.period] as const] : [])));
      // Every step records; which rows of a probe count is decided here.
      const everyStep = {
        ...stage.program,
        operators: stage.program.operators.map((op) => (op.kind === "record" ? { ...op, period: 1 } : op)),
      };
      const ownFed = [...fed.filter((s) => slots.has(s)), ...stage.fed.map((c) => c.slot)];
      const ownRecorded = [...recorded.filter((s) => periods.has(s)), ...stage.recorded.map((c) => c.slot)];
      return {
        stage,
        fed: ownFed,
        recorded: ownRecorded.map((slot) => ({ slot, period: periods.get(slot)! })),
        runner: kind.make(everyStep, { fed: ownFed, recorded: ownRecorded, blocks, seed }),
      };
    });
    this.states = new Map(segments.flatMap((s) => (s.kind === "program" ? s.fed.map((c) => [c.slot, c.signal] as const) : [])));
    this.path = `step by step, because ${through.join(", ")} is part of a loop (slow: give the loop a Node function or an ensemble instead, or take the tensor node out of it)`;
  }

  dispose(): void {
    for (const part of this.parts) if ("runner" in part) part.runner.dispose();
  }

  run({ feeds, blocks, batch, nSteps, kwargs, carried = null }: StagedRun): Map<string, tf.Tensor> {
    const items = Array.from({ length: batch }, (_, b) => b);
    const streams = carried?.streams ?? makeStreams(this.program, this.options.seed, items);
    const values = new Map<string, tf.Tensor>();
    for (const [slot, signal] of this.states) values.set(slot, tf.expandDims(carried?.state(signal) ?? initialState(signal, batch), 1));
    const before = carried?.step ?? 0;
    const inputs = new Map([...feeds].map(([slot, t]) => [slot, tf.split(t, nSteps, 1)]));
    const rows = new Map<string, tf.Tensor[]>(this.options.recorded.map((slot) => [slot, []]));
    for (let k = 0; k < nSteps; k++) {
      const step = before + k;
      for (const [slot, steps] of inputs) values.set(slot, steps[k]);
      for (const part of this.parts) {
        if ("runner" in part) {
          const { records: outputs } = part.runner.run(
            { feeds: part.fed.map((slot) => values.get(slot)!), blocks },
            { batch, nSteps: 1, step, streams },
          );
          part.recorded.forEach(({ slot, period }, i) => {
            values.set(slot, outputs[i]);
            if ((step + 1) % period < 1) rows.get(slot)?.push(outputs[i]);
          });
        } else {
          const { operator, x, y } = part;
          const whole = x === null ? null : values.get(x.slot)!;
          const input = x === null || x.length === x.signal.size ? whole : tf.slice(whole!, [0, 0, x.offset], [batch, 1, x.length]);
          values.set(y.slot, callTensorNode(operator.node as TensorCall, input, { batch, nSteps: 1, dt: this.program.dt, step }, kwargs));
        }
      }
    }
    carried?.advance(
      nSteps,
      [...this.states].map(([slot, signal]) => [signal, tf.squeeze<tf.Tensor2D>(values.get(slot)!, [1])] as const),
    );
    const sizeOf = (slot: string): number =>
      this.program.operators.flatMap((op) => (op.kind === "record" && op.slot === slot ? [op.source.length] : []))[0];
    return new Map([...rows].map(([slot, list]) => [slot, list.length === 0 ? tf.zeros([batch, 0, sizeOf(slot)]) : tf.concat(list, 1)]));
  }
}
