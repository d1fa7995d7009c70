import { expect } from "chai";
import { buildNetwork, type BuiltNetwork } from "../../src/build/build.ts";
import type { Network } from "../../src/network/index.ts";
import { floats, recordedRows, table, valuesOf, type Engine, type Floats, type Table } from "../../src/engines/engine.ts";
import { DifferentiablePlan } from "../../src/engines/differentiablePlan.ts";
import { GradientRunner, type GradientOptions, type Gradients } from "../../src/engines/gradient.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import type { Program } from "../../src/ir/program.ts";
import type { Signal } from "../../src/ir/signal.ts";
import { RandomState } from "../../src/math/random.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { expectSame } from "./numbers.ts";
import { engines } from "./programs.ts";

export interface Case {
  readonly program: Program;
  readonly nSteps: number;
  readonly batch: number;
  /** Parameters whose gradients are wanted. */
  readonly parameters?: readonly Signal[];
  /** Sizes of what is fed, by slot; all of it has a gradient. */
  readonly feeds?: Readonly<Record<string, number>>;
  /** States whose initial values have a gradient. */
  readonly states?: readonly Signal[];
  readonly seed?: number;
  readonly tapeLimit?: number;
  /** Largest fed number. @defaultValue 1 */
  readonly scale?: number;
}

interface Point {
  readonly feeds: ReadonlyMap<string, Floats>;
  readonly parameters: ReadonlyMap<Signal, Floats>;
  readonly states: ReadonlyMap<Signal, Floats>;
}

/** A scalar of a run, the sum of all records with random weights, as a function of all that goes into the run. */
/** A forward and a backward run. */
interface Ran {
  readonly gradients: Gradients;
  readonly runner: GradientRunner;
  readonly records: ReadonlyMap<string, Floats>;
}

export class Objective {
  readonly case: Case;
  readonly point: Point;
  /** A row a step: zeros where nothing is recorded. */
  readonly weights: ReadonlyMap<string, Table>;
  private readonly rng: RandomState;

  constructor(c: Case) {
    this.case = c;
    this.rng = new RandomState(c.seed ?? 0);
    const random = (n: number, scale = 1): Float64Array => this.rng.normals(n).map((v) => v * scale);
    const { program, nSteps, batch } = c;
    this.point = {
      feeds: new Map(Object.entries(c.feeds ?? {}).map(([slot, size]) => [slot, random(batch * nSteps * size, c.scale ?? 1)])),
      parameters: new Map((c.parameters ?? []).map((p) => [p, p.initial!.slice()])),
      states: new Map((c.states ?? []).map((s) => [s, random(batch * s.size)])),
    };
    this.weights = new Map(
      program.operators.flatMap((op) => {
        if (op.kind !== "record") return [];
        const data = random(batch * nSteps * op.source.length);
        const { length } = op.source;
        for (let b = 0; b < batch; b++)
          for (let k = 0; k < nSteps; k++)
            if ((k + 1) % op.period >= 1) data.fill(0, (b * nSteps + k) * length, (b * nSteps + k + 1) * length);
        return [[op.slot, table(data, nSteps, length)] as const];
      }),
    );
  }

  tables(point: Point = this.point): Map<string, Table> {
    const { nSteps, batch } = this.case;
    return new Map([...point.feeds].map(([slot, data]) => [slot, table(data, nSteps, data.length / (nSteps * batch))]));
  }

  /** Its value, by an ordinary run. */
  value(point: Point): number {
    const { program, nSteps, batch } = this.case;
    const executable = referenceEngine.prepare(planProgram(program), { dtype: "float64", batch });
    const state = executable.initialState();
    for (const [signal, values] of point.parameters) executable.setShared(signal, values);
    for (const [signal, values] of point.states) executable.write(state, signal, values);
    const records = executable.run({ nSteps, state, feeds: this.tables(point), streams: this.streams() });
    let sum = 0;
    for (const op of program.operators) {
      if (op.kind !== "record") continue;
      const { data, rows, size } = records.get(op.slot)!;
      const weights = valuesOf(this.weights.get(op.slot)!.data);
      expect(rows).to.equal(recordedRows(0, nSteps, op.period));
      for (let b = 0; b < batch; b++) {
        for (let k = 0, row = 0; k < nSteps; k++) {
          if ((k + 1) % op.period >= 1) continue;
          for (let i = 0; i < size; i++) sum += data[(b * rows + row) * size + i] * weights[(b * nSteps + k) * size + i];
          row++;
        }
      }
    }
    return sum;
  }

  streams(): ReturnType<typeof makeStreams> {
    const { program, batch } = this.case;
    return makeStreams(
      program,
      9,
      Array.from({ length: batch }, (_, b) => b),
    );
  }

  /** Its gradient, by the adjoint program: on all engines, which must give the same bits in float64. */
  gradients(more: Partial<GradientOptions> = {}, on = engines()): Ran {
    const [reference, ...others] = on.map((engine) => this.gradientsBy(engine, more));
    for (const other of others) {
      if (more.dtype === "float32") continue;
      for (const kind of ["feeds", "parameters", "states"] as const) {
        const wanted = reference.gradients[kind] as ReadonlyMap<unknown, Floats>;
        const got = other.gradients[kind] as ReadonlyMap<unknown, Floats>;
        expect([...got.keys()]).to.deep.equal([...wanted.keys()]);
        for (const [key, values] of wanted) expectSame(got.get(key)!, values, `gradient of another engine, ${kind}`);
      }
    }
    return others.at(-1) ?? reference;
  }

  private gradientsBy(engine: Engine, more: Partial<GradientOptions>): Ran {
    const { program, nSteps, batch, parameters = [], feeds = {}, states = [], tapeLimit } = this.case;
    const wanted = { parameters, feeds: Object.keys(feeds), records: [...this.weights.keys()], initialState: states.length > 0 };
    const runner = new GradientRunner(engine, new DifferentiablePlan(program, wanted), {
      ...wanted,
      dtype: "float64",
      batch,
      ...(tapeLimit === undefined ? {} : { tapeLimit }),
      ...more,
    });
    const state = runner.forward.initialState();
    for (const [signal, values] of this.point.states) runner.forward.write(state, signal, values);
    const { records, tape } = runner.run({ nSteps, state, feeds: this.tables(), streams: this.streams() });
    expect(state.step).to.equal(nSteps);
    const gradients = runner.gradients(tape, this.weights, this.tables());
    return {
      gradients,
      runner,
      records: new Map([...records].filter(([slot]) => this.weights.has(slot)).map(([slot, r]) => [slot, r.data])),
    };
  }

  /** Derivative along a direction, by central differences. */
  private along(direction: (what: keyof Point, key: unknown, size: number) => Float64Array | null, h: number): number {
    const moved = (sign: number): Point => {
      const move = <K>(what: keyof Point, map: ReadonlyMap<K, Floats>): Map<K, Floats> =>
        new Map(
          [...map].map(([key, values]) => {
            const d = direction(what, key, values.length);
            return [key, d === null ? values : Float64Array.from(values, (v, i) => v + sign * h * d[i])];
          }),
        );
      return {
        feeds: move("feeds", this.point.feeds),
        parameters: move("parameters", this.point.parameters),
        states: move("states", this.point.states),
      };
    };
    return (this.value(moved(1)) - this.value(moved(-1))) / (2 * h);
  }

  /** Compares the gradient of everything, element by element, with central differences. */
  checkElements({ h = 1e-5, relative = 1e-7 }: { h?: number; relative?: number } = {}): Gradients {
    const { gradients } = this.gradients();
    for (const what of ["feeds", "parameters", "states"] as const) {
      for (const [key, values] of this.point[what] as ReadonlyMap<string & Signal, Floats>) {
        const got = (gradients[what] as ReadonlyMap<string & Signal, Floats>).get(key) ?? floats("float64", values.length);
        const wanted = Array.from(values, (_, i) =>
          this.along((w, k, n) => (w === what && k === key ? Float64Array.from({ length: n }, (_v, j) => (j === i ? 1 : 0)) : null), h),
        );
        const scale = wanted.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
        wanted.forEach(
          (v, i) =>
            void expect(got[i], `${what} ${typeof key === "string" ? key : (key as Signal).name}[${i}]`).to.be.closeTo(v, relative * scale),
        );
      }
    }
    return gradients;
  }

  /** Compares derivatives along random directions of every part; for what has many elements. */
  checkDirections({
    h = 1e-6,
    relative = 1e-6,
    of = (v: number): number => Math.max(1e-3, Math.abs(v)),
  }: { h?: number; relative?: number; of?: (value: number) => number } = {}): void {
    const { gradients } = this.gradients();
    for (const what of ["feeds", "parameters", "states"] as const) {
      for (const [key, values] of this.point[what] as ReadonlyMap<string & Signal, Floats>) {
        const d = this.rng.normals(values.length).map((v, i) => v * of(values[i]));
        const got = (gradients[what] as ReadonlyMap<string & Signal, Floats>).get(key) ?? floats("float64", values.length);
        const slope = d.reduce((sum, v, i) => sum + v * got[i], 0);
        const size = d.reduce((sum, v, i) => sum + Math.abs(v * got[i]), 0);
        const wanted = this.along((w, k) => (w === what && k === key ? d : null), h);
        expect(slope, `${what} ${typeof key === "string" ? key : (key as Signal).name}`).to.be.closeTo(
          wanted,
          relative * Math.max(size, 1),
        );
      }
    }
  }
}

/** Gradients of a network in training, with respect to all that is fed and to all parameters. */
export function caseOf(built: BuiltNetwork, { nSteps, batch = 2, scale = 0.7 }: { nSteps: number; batch?: number; scale?: number }): Case {
  const program = built.program("training");
  return {
    program,
    nSteps,
    batch,
    scale,
    parameters: built.parameters.map((p) => p.signal),
    feeds: Object.fromEntries([...built.inputs.values()].map(({ slot, signal }) => [slot, signal.size])),
  };
}

/** Checks the gradients of a network in training, element by element, against central differences. */
export function expectNetworkGradient(
  network: Network,
  nSteps: number,
  options: { readonly h?: number; readonly relative?: number } = {},
): void {
  new Objective(caseOf(buildNetwork(network), { nSteps })).checkElements({ h: 1e-6, relative: 1e-6, ...options });
}
