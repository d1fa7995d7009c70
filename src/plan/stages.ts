import { BuildError } from "../errors.ts";
import { accesses, type Operator, type TensorOperator } from "../ir/operators.ts";
import { Readiness } from "../ir/precedence.ts";
import type { Program } from "../ir/program.ts";
import { rewire } from "../ir/rewire.ts";
import { range, Signal } from "../ir/signal.ts";
import { dependencies } from "./dependencies.ts";
import { stageLevels, usersOf } from "./stageLevels.ts";

/** Operators without tensor nodes that run over all steps at once, between tensor nodes. */
export interface ProgramStage {
  readonly kind: "program";
  readonly program: Program;
  /** Signals of earlier stages or tensor nodes, fed under these slots. */
  readonly fed: readonly Crossing[];
  /** Signals that later stages or tensor nodes need, recorded under these slots. */
  readonly recorded: readonly Crossing[];
}

/** A tensor node over all steps at once. */
export interface TensorStage {
  readonly kind: "tensor";
  readonly operator: TensorOperator;
  /** Slot of its input, and the part of the recorded signal that it reads; null where it only reads time. */
  readonly x: (Crossing & { readonly offset: number; readonly length: number }) | null;
  readonly y: Crossing;
}

export interface Crossing {
  readonly slot: string;
  readonly signal: Signal;
}

/** How a program with tensor nodes runs. */
export type Stages =
  /** Every part once over all steps. */
  | { readonly kind: "feedForward"; readonly stages: readonly (ProgramStage | TensorStage)[] }
  /** A tensor node is part of a loop: step by step, in segments between tensor nodes. */
  | { readonly kind: "cyclic"; readonly segments: readonly (ProgramStage | TensorStage)[]; readonly through: readonly string[] };

/** Cuts a program at its tensor nodes. */
export function splitStages(program: Program): Stages {
  const operators = program.operators.filter((op) => op.kind !== "time");
  if (!operators.some((op) => op.kind === "tensor")) return uncut(program, operators);
  const levels = stageLevels(operators);
  return levels === null ? cutSegments(program) : cutStages(program, operators, levels);
}

/** A program without tensor nodes. */
function uncut(program: Program, operators: readonly Operator[]): Stages {
  const time = program.operators.filter((op) => op.kind === "time");
  const stage: ProgramStage = { kind: "program", program: { ...program, operators: [...time, ...operators] }, fed: [], recorded: [] };
  return { kind: "feedForward", stages: operators.length === 0 ? [] : [stage] };
}

/** Names of crossings, one a signal. */
class Crossings {
  private readonly known = new Map<Signal, Crossing>();
  of(signal: Signal): Crossing {
    let crossing = this.known.get(signal);
    if (crossing === undefined) this.known.set(signal, (crossing = { slot: `cross:${this.known.size}`, signal }));
    return crossing;
  }
}

const recordOf = ({ slot }: Crossing, source: Signal): Operator => ({
  kind: "record",
  origin: slot,
  source: range(source),
  slot,
  period: 1,
});
const feedOf = ({ slot, signal }: Crossing): Operator => ({ kind: "feed", origin: slot, target: range(signal), slot, stream: null });

function cutStages(program: Program, operators: readonly Operator[], levels: readonly number[]): Stages {
  const { writers } = usersOf(operators);
  const updated = new Set(operators.flatMap((op) => accesses(op).updates.map((u) => u.signal)));
  const writtenAt = (signal: Signal): { level: number; tensor: boolean } | null => {
    const w = writers.get(signal)?.[0];
    return w === undefined ? null : { level: levels[w], tensor: operators[w].kind === "tensor" };
  };
  const crossings = new Crossings();
  const last = levels.reduce((most, level) => Math.max(most, level), 0);
  const parts = Array.from({ length: last + 1 }, () => ({
    operators: [] as Operator[],
    fed: new Map<Signal, Crossing>(),
    recorded: new Map<Signal, Crossing>(),
    tensors: [] as TensorStage[],
  }));
  /** Makes sure that a signal can be read at a level. */
  const bring = (signal: Signal, level: number): void => {
    const from = writtenAt(signal);
    if (from === null || (from.level === level && !from.tensor)) return;
    const crossing = crossings.of(signal);
    parts[level].fed.set(signal, crossing);
    if (!from.tensor) parts[from.level].recorded.set(signal, crossing);
  };
  operators.forEach((op, index) => {
    const level = levels[index];
    if (op.kind === "tensor") {
      let x: TensorStage["x"] = null;
      if (op.x !== null) {
        const from = writtenAt(op.x.signal);
        const crossing = crossings.of(op.x.signal);
        if (from === null || !from.tensor) parts[from?.level ?? level].recorded.set(op.x.signal, crossing);
        x = { ...crossing, offset: op.x.offset, length: op.x.length };
      }
      parts[level].tensors.push({ kind: "tensor", operator: op, x, y: crossings.of(op.y.signal) });
      return;
    }
    for (const { signal } of accesses(op).reads) bring(signal, level);
    parts[level].operators.push(op);
  });
  const stages = parts.flatMap(({ operators: own, fed, recorded, tensors }): (ProgramStage | TensorStage)[] => {
    const extra = [...recorded.values()].flatMap((crossing): Operator[] => {
      if (!updated.has(crossing.signal)) return [recordOf(crossing, crossing.signal)];
      // Readers of an updated signal see its value before the update.
      const before = new Signal(`before ${crossing.signal.name}`, { shape: crossing.signal.shape, perItem: crossing.signal.perItem });
      return [
        {
          kind: "copy",
          origin: crossing.slot,
          source: { ...range(crossing.signal), index: null },
          target: { ...range(before), index: null },
          role: "set",
        },
        recordOf(crossing, before),
      ];
    });
    const all = [...[...fed.values()].map(feedOf), ...own, ...extra];
    const time = program.operators.filter((op) => op.kind === "time");
    const stage: ProgramStage = {
      kind: "program",
      program: { ...program, operators: [...time, ...all] },
      fed: [...fed.values()],
      recorded: [...recorded.values()],
    };
    return all.length === 0 ? tensors : [stage, ...tensors];
  });
  return { kind: "feedForward", stages };
}

/**
 * The operators of one step, cut at tensor nodes, in an order that dependencies allow. A segment is a program of one step
 * without state: every value from before is fed, every value that is needed later is recorded.
 */
function cutSegments(program: Program): Stages {
  const operators = program.operators.filter((op) => op.kind !== "time");
  const time = program.operators.filter((op) => op.kind === "time");
  const crossings = new Crossings();
  const parts: (readonly Operator[] | TensorOperator)[] = [];
  let own: Operator[] = [];
  for (const op of topological(operators)) {
    if (op.kind === "tensor") {
      parts.push(own, op);
      own = [];
    } else own.push(op);
  }
  parts.push([...own, ...operators.filter((op) => op.kind === "record")]);
  const cut = parts.map((part) => (Array.isArray(part) ? segmentOf(part as readonly Operator[], crossings) : (part as TensorOperator)));
  // Recorded is what some segment or tensor node is fed with.
  const needed = new Set(
    cut.flatMap((part) => ("kind" in part ? (part.x === null ? [] : [part.x.signal]) : part.fed.map((c) => c.signal))),
  );
  const segments = cut.map((part): ProgramStage | TensorStage => {
    if ("kind" in part)
      return {
        kind: "tensor",
        operator: part,
        x: part.x === null ? null : { ...crossings.of(part.x.signal), offset: part.x.offset, length: part.x.length },
        y: crossings.of(part.y.signal),
      };
    const recorded = part.written.filter((s) => needed.has(s)).map((s) => crossings.of(s));
    return {
      kind: "program",
      program: { ...program, operators: [...time, ...part.operators, ...recorded.map((c) => recordOf(c, c.signal))] },
      fed: part.fed,
      recorded,
    };
  });
  return { kind: "cyclic", segments, through: operators.filter((op) => op.kind === "tensor").map((op) => op.origin) };
}

interface Segment {
  readonly operators: readonly Operator[];
  readonly fed: readonly Crossing[];
  readonly written: readonly Signal[];
}

function segmentOf(operators: readonly Operator[], crossings: Crossings): Segment {
  const set = new Set<Signal>();
  const updated = new Set<Signal>();
  const incremented = new Set<Signal>();
  const read = new Set<Signal>();
  for (const op of operators) {
    if (op.kind === "fir")
      throw new BuildError(
        `${op.origin}: expected no such filter in a network whose tensor nodes are part of a loop, got one. Take the tensor node out of the loop, or use another synapse.`,
      );
    const all = accesses(op);
    for (const { signal } of all.sets) set.add(signal);
    for (const { signal } of all.incs) incremented.add(signal);
    for (const { signal } of all.updates) updated.add(signal);
    for (const { signal } of all.reads) if (signal.perItem) read.add(signal);
  }
  const before = new Map<Signal, Signal>();
  const old = (signal: Signal): Signal => {
    let made = before.get(signal);
    if (made === undefined) before.set(signal, (made = new Signal(`before ${signal.name}`, { shape: signal.shape, perItem: true })));
    return made;
  };
  const rewired = operators.map((op) => {
    const own = new Set(accesses(op).sets.map((s) => s.signal));
    // A record looks at the end of the step; other readers of an updated signal see its value before.
    const reads = (signal: Signal): Signal => (op.kind !== "record" && (updated.has(signal) || own.has(signal)) ? old(signal) : signal);
    return rewire(op, { read: reads, role: (role) => (role === "update" ? "set" : role) });
  });
  const continued = [...incremented].filter((s) => s.perItem && !set.has(s) && !updated.has(s));
  const copies = continued.map((signal): Operator => ({
    kind: "copy",
    origin: signal.name,
    source: { ...range(old(signal)), index: null },
    target: { ...range(signal), index: null },
    role: "set",
  }));
  const fedOld = [...before].map(([signal, into]) => ({ crossing: crossings.of(signal), into }));
  const untouched = [...read].filter((s) => !set.has(s) && !updated.has(s) && !incremented.has(s));
  const feeds = [...fedOld, ...untouched.map((signal) => ({ crossing: crossings.of(signal), into: signal }))];
  return {
    operators: [...feeds.map(({ crossing, into }) => feedOf({ slot: crossing.slot, signal: into })), ...copies, ...rewired],
    fed: feeds.map(({ crossing }) => crossing),
    written: [...new Set([...set, ...updated, ...incremented])].filter((s) => s.perItem),
  };
}

function topological(operators: readonly Operator[]): Operator[] {
  const readiness = new Readiness(dependencies(operators));
  const queue = operators.flatMap((op, i) => (readiness.isFree(i) && op.kind !== "record" ? [i] : []));
  for (let head = 0; head < queue.length; head++) queue.push(...readiness.done(queue[head]));
  return queue.map((i) => operators[i]);
}
