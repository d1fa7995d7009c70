import type { HostOperator, Operator } from "../ir/operators.ts";
import { range, Signal, type Range } from "../ir/signal.ts";
import type { Stream } from "../ir/program.ts";
import type { Process } from "../processes/process.ts";
import type { Model } from "./model.ts";
import { noRoles, rangeOf, type Slot } from "./operators.ts";
import type { NengoOperator } from "./nengoOperator.ts";

interface ProcessUse {
  readonly label: string;
  readonly output: Slot;
  readonly role: "set" | "inc";
  readonly input: Signal | null;
  /** Under which a run may replace the process's output by data. */
  readonly slot: string | null;
}

/** A process as an operator: fed ahead where it needs no input, else called at every step. */
export function processOperator(model: Model, process: Process, { label, output, role, input, slot }: ProcessUse): NengoOperator {
  const target = rangeOf(output);
  const sizes = { sizeIn: input?.size ?? 0, sizeOut: target.length, dt: model.dt };
  const stream: Stream = {
    origin: label,
    seed: process.seed === null ? { kind: "draw" } : { kind: "fixed", seed: process.seed },
    maker: { kind: "process", make: (rng) => (input === null ? process.makeTable({ ...sizes, rng }) : null) ?? process.makeStep({ ...sizes, rng }) },
  };
  // What increments goes through a signal of its own, since a feed sets.
  const drawn = role === "inc" ? new Signal(`${label}.drawn`, { shape: [target.length], perItem: true }) : null;
  return {
    ...noRoles,
    label,
    [role === "set" ? "sets" : "incs"]: [output.touched],
    reads: input === null ? [model.time[1]] : [model.time[1], input],
    stream,
    lower: (_phase, index) => {
      const into: Range = drawn === null ? target : range(drawn);
      const first: Operator =
        input === null
          ? { kind: "feed", origin: label, target: into, slot, stream: index }
          : hostOfStream(label, input, into, index!);
      return drawn === null ? [first] : [first, { kind: "copy", origin: label, source: { ...into, index: null }, target: { ...target, index: null }, role: "inc" }];
    },
  };
}

const hostOfStream = (origin: string, input: Signal, target: Range, stream: number): HostOperator => ({
  kind: "host",
  origin,
  call: { kind: "stream", stream },
  inputs: [range(input)],
  outputs: [{ range: target, role: "set" }],
  slot: null,
});
