import type { HostOperator, Operator } from "../ir/operators.ts";
import { range, Signal, type Range } from "../ir/signal.ts";
import type { Stream } from "../ir/program.ts";
import type { Process } from "../processes/process.ts";
import type { Model } from "./model.ts";
import { noRoles, rangeOf, whole, type Slot } from "./operators.ts";
import type { NengoOperator } from "./nengoOperator.ts";

interface ProcessUse {
  readonly label: string;
  /** Null for a process that only takes an input. */
  readonly output: Slot | null;
  readonly role: "set" | "inc";
  readonly input: Signal | null;
  /** Under which a run may replace the process's output by data. */
  readonly slot: string | null;
}

/** A process as an operator: fed ahead where it needs no input, else called at every step. */
export function processOperator(model: Model, process: Process, { label, output, role, input, slot }: ProcessUse): NengoOperator {
  const target = output === null ? null : rangeOf(output);
  const sizes = { sizeIn: input?.size ?? 0, sizeOut: target?.length ?? 0, dt: model.dt };
  const fed = input === null && target !== null;
  const stream: Stream = {
    origin: label,
    seed: process.seed === null ? { kind: "draw" } : { kind: "fixed", seed: process.seed },
    maker: { kind: "process", make: (rng) => process.begin({ ...sizes, rng }, fed) },
  };
  // What increments goes through a signal of its own, since a feed sets.
  const drawn = role === "inc" ? new Signal(`${label}.drawn`, { shape: [sizes.sizeOut], perItem: true }) : null;
  return {
    ...noRoles,
    label,
    [role === "set" ? "sets" : "incs"]: output === null ? [] : [output.touched],
    reads: input === null ? [model.time[1]] : [model.time[1], input],
    stream,
    lower: (_phase, index) => {
      const into = drawn === null ? target : range(drawn);
      const first: Operator = fed
        ? { kind: "feed", origin: label, target: into!, slot, stream: index }
        : hostOfStream(label, input, into, index!);
      return drawn === null
        ? [first]
        : [first, { kind: "copy", origin: label, source: whole(drawn).picked, target: { ...target!, index: null }, role: "inc" }];
    },
  };
}

const hostOfStream = (origin: string, input: Signal | null, target: Range | null, stream: number): HostOperator => ({
  kind: "host",
  origin,
  call: { kind: "stream", stream },
  inputs: input === null ? [] : [range(input)],
  outputs: target === null ? [] : [{ range: target, role: "set" }],
  slot: null,
});
