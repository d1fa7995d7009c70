import { Declared, checkInteger, checkNumber, checkSeed } from "../declared.ts";
import { SimulationError, ValidationError, describe } from "../errors.ts";
import type { ProcessStep, ProcessTable } from "../ir/source.ts";
import type { NdArray } from "../math/ndarray.ts";
import { RandomState } from "../math/random.ts";

/** Options that every process takes. */
export interface ProcessOptions {
  readonly defaultSizeIn?: number;
  readonly defaultSizeOut?: number;
  /** Seconds; used by `run` and `runSteps` when none is given. */
  readonly defaultDt?: number;
  /** Fixed seed of the process; null: the simulator draws one. */
  readonly seed?: number | null;
}

/** What a process is told when a simulation starts. */
export interface ProcessContext {
  readonly sizeIn: number;
  readonly sizeOut: number;
  /** Seconds. */
  readonly dt: number;
  readonly rng: RandomState;
  /** What `makeState` made: arrays that the step function may change. */
  readonly state: Readonly<Record<string, Float64Array>>;
}

/** What is known when state is made. */
export type ProcessStart = Omit<ProcessContext, "state">;

export type { ProcessStep, ProcessTable };

/** The parameters of {@link ProcessOptions}, for a subclass's `static parameters`. */
export const processParameters = ["defaultSizeIn", "defaultSizeOut", "defaultDt", "seed"] as const;

/** Options of a process without input. */
export type SourceOptions = Omit<ProcessOptions, "defaultSizeIn">;

/** The parameters of {@link SourceOptions}. */
export const sourceParameters = ["defaultSizeOut", "defaultDt", "seed"] as const;

/**
 * A source or transformer of signals over time. A subclass gives `makeStep`, and `makeTable` too where its output can be
 * laid out ahead (the simulator then feeds rows instead of calling a function at every step).
 * For a process of your own, extend this class with `makeStep`; its state lives in the closure that this returns, or in arrays from
 * `makeState`. A simulator makes both once an item, and anew by a reset.
 */
export abstract class Process extends Declared {
  static override readonly parameters: readonly string[] = processParameters;
  readonly defaultSizeIn: number;
  readonly defaultSizeOut: number;
  readonly defaultDt: number;
  readonly seed: number | null;

  protected constructor(options: ProcessOptions, defaults: { sizeIn?: number; sizeOut?: number } = {}) {
    super(options);
    this.defaultSizeIn = checkInteger(this.type, "defaultSizeIn", options.defaultSizeIn ?? defaults.sizeIn ?? 0, { min: 0 });
    this.defaultSizeOut = checkInteger(this.type, "defaultSizeOut", options.defaultSizeOut ?? defaults.sizeOut ?? 1, { min: 0 });
    this.defaultDt = checkNumber(this.type, "defaultDt", options.defaultDt ?? 0.001, { above: 0 });
    this.seed = checkSeed(this.type, options.seed ?? null);
  }

  /** Arrays that change from step to step, before the first one; nothing may be drawn here. */
  makeState(_context: ProcessStart): Record<string, Float64Array> {
    return {};
  }

  /** A process from its start: its output laid out ahead (where `ahead`, and it can be), or its step function. */
  begin(start: ProcessStart, ahead = false): ProcessTable | ProcessStep {
    const context = { ...start, state: this.makeState(start) };
    return (ahead ? this.makeTable(context) : null) ?? this.makeStep(context);
  }

  /** Makes the step function; draws from `context.rng` as it likes, then and at every step. */
  abstract makeStep(context: ProcessContext): ProcessStep;

  /** The output laid out ahead, or null where it depends on input, state, or draws of every step. */
  makeTable(_context: ProcessContext): ProcessTable | null {
    return null;
  }

  /**
   * Runs the process by itself for `t` seconds. Returns `[steps, d]`; row k is the value at t = (k + 1) dt.
   * @param options - `d`: size of the output; `dt`: seconds; `seed`: used where the process has none (default 0)
   */
  run(t: number, options: { d?: number; dt?: number; seed?: number } = {}): NdArray {
    const dt = options.dt ?? this.defaultDt;
    return this.runSteps(Math.round(checkNumber(this.type, "run", t, { min: 0 }) / dt), options);
  }

  /** As `run`, for a number of steps. */
  runSteps(
    nSteps: number,
    { d = this.defaultSizeOut, dt = this.defaultDt, seed = 0 }: { d?: number; dt?: number; seed?: number } = {},
  ): NdArray {
    return this.collect(nSteps, new Float64Array(0), 0, d, dt, seed);
  }

  /** Feeds `x` `[steps, size]` through the process; returns `[steps, d]`. */
  apply(x: NdArray, { d, dt = this.defaultDt, seed = 0 }: { d?: number; dt?: number; seed?: number } = {}): NdArray {
    const [steps, sizeIn] = x.shape;
    if (steps === undefined || sizeIn === undefined || x.shape.length !== 2) {
      throw new ValidationError({ owner: this.type, parameter: "apply", expected: "an array [steps, size]", got: describe(x) });
    }
    return this.collect(steps, x.data, sizeIn, d ?? (this.defaultSizeIn === sizeIn ? this.defaultSizeOut : sizeIn), dt, seed);
  }

  /** Times (s) of the steps of a run of `t` seconds: dt, 2 dt, ... */
  trange(t: number, dt = this.defaultDt): Float64Array {
    return this.ntrange(Math.round(checkNumber(this.type, "trange", t, { min: 0 }) / dt), dt);
  }

  /** As `trange`, for a number of steps. */
  ntrange(nSteps: number, dt = this.defaultDt): Float64Array {
    return Float64Array.from({ length: checkInteger(this.type, "ntrange", nSteps, { min: 0 }) }, (_, k) => (k + 1) * dt);
  }

  private collect(nSteps: number, x: Float64Array, sizeIn: number, sizeOut: number, dt: number, seed: number): NdArray {
    checkInteger(this.type, "runSteps", nSteps, { min: 0 });
    const outer = new RandomState(this.seed ?? seed);
    // An unseeded process draws its own seed, as it would inside a simulator.
    const rng = this.seed === null ? new RandomState(outer.randint(0, 2 ** 31 - 1)) : outer;
    const step = this.begin({ sizeIn, sizeOut, dt, rng }) as ProcessStep;
    const data = new Float64Array(nSteps * sizeOut);
    for (let k = 0; k < nSteps; k++) {
      const value = step((k + 1) * dt, x.slice(k * sizeIn, (k + 1) * sizeIn));
      const row = typeof value === "number" ? [value] : value;
      if (row.length !== sizeOut)
        throw new SimulationError(`${this.type}: expected a step function that returns ${sizeOut} numbers, got ${row.length}.`);
      data.set(row, k * sizeOut);
    }
    return { shape: [nSteps, sizeOut], data };
  }
}

/** The step function of a process that is laid out as a table. */
export function tableStep(table: ProcessTable, { sizeOut, dt }: ProcessContext): ProcessStep {
  return (t) => {
    const at = Math.round(t / dt) + table.offset;
    const row = table.mode === "cyclic" ? at % table.rows : Math.min(at, table.rows - 1);
    return table.data.subarray(row * sizeOut, (row + 1) * sizeOut);
  };
}
