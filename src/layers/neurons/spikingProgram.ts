import { add, detach, eq, input, mul, ne, select, substitute, valueOf, withDerivative, type Expr } from "../../expr/expr.ts";
import { ValidationError } from "../../errors.ts";
import { accesses, type Operator } from "../../ir/operators.ts";
import type { Program, Stream } from "../../ir/program.ts";
import { operand, range, Signal, type Operand } from "../../ir/signal.ts";
import type { NeuronType, Phase } from "../../neurons/neuronType.ts";
import type { Surrogate } from "../../neurons/surrogates/surrogate.ts";

/** How far gradients go through the states of neurons: not at all, all the way, or within windows of so many steps. */
export type ThroughState = boolean | number;

export interface SpikingProgramOptions {
  /** The layer, for messages. */
  readonly owner: string;
  readonly neuronType: NeuronType;
  readonly units: number;
  /** Seconds. */
  readonly dt: number;
  readonly phase: Phase;
  /** Null: the slope that the type itself says (of its rate, where it has one). */
  readonly surrogate: Surrogate | null;
  readonly throughState: ThroughState;
  /** Whether the current is `gain * x + bias` with a weight, and whether it trains; null: without. */
  readonly gain: { readonly trains: boolean } | null;
  readonly bias: { readonly trains: boolean } | null;
}

export interface SpikingProgram {
  readonly program: Program;
  /** States by name, but for those that the phase leaves alone. */
  readonly states: ReadonlyMap<string, Signal>;
  /** Signals of gain and bias, those that there are. */
  readonly parameters: readonly Signal[];
}

/** A neuron type with its base type before it. */
export const chainOf = (type: NeuronType): readonly NeuronType[] => (type.baseType === null ? [type] : [type.baseType, type]);

const x = "x";
export const [FED, RECORDED] = ["x", "y"] as const;

/** One step of a population of neurons that is fed with `x`, `[units]` an item; what is recorded under `y` is its output. */
export function spikingProgram(options: SpikingProgramOptions): SpikingProgram {
  const { neuronType, units, dt, gain, bias } = options;
  const origin = neuronType.type;
  const each = (name: string): Signal => new Signal(name, { shape: [units], perItem: true });
  const given = each("x");
  const parameters: Signal[] = [];
  const operators: Operator[] = [
    { kind: "time", origin },
    { kind: "feed", origin, target: range(given), slot: FED, stream: null },
  ];
  let current = given;
  if (gain !== null || bias !== null) {
    const weight = (name: string, { trains }: { readonly trains: boolean }): Operand => {
      const signal = new Signal(name, {
        shape: [units],
        perItem: false,
        initial: new Float64Array(units),
        parameter: { role: name === "gain" ? "weights" : "bias", owner: {}, trainable: trains },
      });
      parameters.push(signal);
      return operand(range(signal));
    };
    current = each("current");
    const scaled = gain === null ? input(x) : mul(input("gain"), input(x));
    operators.push({
      kind: "elementwise",
      origin,
      shape: [units],
      inputs: {
        x: operand(range(given)),
        ...(gain === null ? {} : { gain: weight("gain", gain) }),
        ...(bias === null ? {} : { bias: weight("bias", bias) }),
      },
      constants: {},
      outputs: [{ operand: operand(range(current)), role: "set", expr: bias === null ? scaled : add(scaled, input("bias")) }],
      differentiable: true,
    });
  }
  const gate = typeof options.throughState === "number" ? windows(options.throughState, operators, origin) : null;
  const streams: Stream[] = [];
  const states = new Map<string, Signal>();
  for (const type of chainOf(neuronType)) {
    const output = each(`output of ${type.type}`);
    const own = Object.fromEntries(Object.keys(type.defaultState).map((name) => [name, each(name)]));
    let stream: number | null = null;
    if (type.draws) {
      stream = streams.length;
      streams.push({ origin: type.type, seed: { kind: "draw" }, maker: { kind: "generator" } });
    }
    const step = lowered(type, type === neuronType ? options.surrogate : null, gate, {
      ...options,
      J: current,
      output,
      state: own,
      stream,
    });
    const touched = new Set(step.flatMap((op) => [...accesses(op).sets, ...accesses(op).updates].map((a) => a.signal)));
    for (const [name, signal] of Object.entries(own)) if (touched.has(signal)) states.set(name, signal);
    operators.push(...step);
    current = output;
  }
  operators.push({ kind: "record", origin, source: range(current), slot: RECORDED, period: 1 });
  return { program: { dt, operators, streams, results: [] }, states, parameters };
}

interface Lowering extends Pick<SpikingProgramOptions, "owner" | "dt" | "phase" | "throughState"> {
  readonly J: Signal;
  readonly output: Signal;
  readonly state: Readonly<Record<string, Signal>>;
  readonly stream: number | null;
}

/** A type's own operators, with the chosen slope of spikes, and gradients through states as far as is wanted. */
function lowered(type: NeuronType, surrogate: Surrogate | null, gate: Signal | null, lowering: Lowering): readonly Operator[] {
  const { owner, dt, phase, throughState, J, output, state, stream } = lowering;
  const operators = type.lower({ phase, dt, J, output, state, stream, origin: type.type });
  const isOwn = operators.length === 1 && operators[0].kind === "elementwise";
  if (surrogate !== null && !isOwn)
    throw new ValidationError({
      owner,
      parameter: "gradient",
      expected: `"rate" for ${type.type}, whose step is more than expressions`,
      got: surrogate.type,
    });
  if (throughState === true && surrogate === null) return operators;
  const seen = Object.fromEntries(Object.keys(state).map((name) => [name, seenBy(gate, throughState, name)]));
  return operators.map((op): Operator => {
    if (op.kind !== "elementwise") return op;
    const outputs = op.outputs.map((o) => {
      const name = Object.keys(state).find((key) => state[key] === o.operand.signal);
      let { expr } = o;
      if (surrogate !== null && phase === "inference") {
        const { dynamics } = type;
        if (name !== undefined) expr = dynamics.state[name];
        else {
          const { of, slope } = surrogate.slopeFor(type, owner);
          expr = withDerivative(valueOf(dynamics.output), of, slope);
        }
        if (name !== undefined && !surrogate.throughState) expr = detach(expr);
      }
      return { ...o, expr: throughState === true ? expr : substitute(expr, seen) };
    });
    const gated = gate !== null && Object.keys(state).length > 0;
    return { ...op, inputs: gated ? { ...op.inputs, [GATE]: operand(range(gate), true) } : op.inputs, outputs };
  });
}

const GATE = "within window";

/** A state as the derivative sees it. */
function seenBy(gate: Signal | null, throughState: ThroughState, name: string): Expr {
  const state = input(name);
  if (gate !== null) return select(input(GATE), state, detach(state));
  return throughState === true ? state : detach(state);
}

/** A signal that is 1 but at the first step of every window after the first, where it is 0. */
function windows(length: number, operators: Operator[], origin: string): Signal {
  const [done, open] = ["steps done", "open"].map((name) => new Signal(name, { shape: [1], perItem: true }));
  const full = eq(input("done"), length);
  operators.push({
    kind: "elementwise",
    origin,
    shape: [1],
    inputs: { done: operand(range(done)) },
    constants: {},
    outputs: [
      { operand: operand(range(open)), role: "set", expr: ne(input("done"), length) },
      { operand: operand(range(done)), role: "set", expr: select(full, 1, add(input("done"), 1)) },
    ],
    differentiable: true,
  });
  return open;
}
