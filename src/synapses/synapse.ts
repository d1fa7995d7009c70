import { Declared, checkInteger, checkNumber, checkSeed } from "../declared.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import type { Operator } from "../ir/operators.ts";
import type { Range, Signal } from "../ir/signal.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";

/** Options that every synapse takes, as a process does in Nengo. In a simulation sizes and dt are those of the connection. */
export interface SynapseOptions {
  /** @defaultValue 1 */
  readonly defaultSizeIn?: number;
  /** Null: defaultSizeIn, which is all that a synapse can give. @defaultValue null */
  readonly defaultSizeOut?: number | null;
  /** Seconds; for `filt` and `filtfilt`. @defaultValue 0.001 */
  readonly defaultDt?: number;
  /** Fixes the seed, so that the synapse takes none of the simulator's draws. @defaultValue null */
  readonly seed?: number | null;
}

/** The names of {@link SynapseOptions}, for a subclass's `static parameters`. */
export const synapseParameters = ["defaultSizeIn", "defaultSizeOut", "defaultDt", "seed"] as const;

const usual: Readonly<Record<string, unknown>> = { defaultSizeIn: 1, defaultSizeOut: null, defaultDt: 0.001, seed: null };

/** What a synapse is told when it becomes operators. */
export interface SynapseLowering {
  /** Seconds. */
  readonly dt: number;
  readonly input: Range;
  readonly output: Range;
  /**
   * How the output is written. `update` (connections, probes): what reads it sees the filtered inputs up to the step before.
   * `set` (inside learning rules): it sees this step's.
   */
  readonly role: "set" | "update";
  /** The synapse's own stream in the program, once the order of all is known. */
  readonly stream: number | null;
  readonly origin: string;
  /** Makes a signal for state of the filter, one value an item. */
  readonly state: (name: string, shape: readonly number[]) => Signal;
}

/** Filters the next sample `[size]`; gives `[size]` numbers that are the caller's. */
export type FilterStep = (x: Float64Array) => Float64Array;

/** Where a filter starts. */
export interface FilterStart {
  /** Seconds. */
  readonly dt: number;
  readonly size: number;
  /** Value that has been at the output for long, one a lane; null: zero. */
  readonly y0: Float64Array | null;
}

/** Options of `filt` and `filtfilt`. */
export interface FiltOptions {
  /** Seconds. @defaultValue the synapse's defaultDt */
  readonly dt?: number;
  /** The axis of time. @defaultValue 0 */
  readonly axis?: number;
  /** What has been at the output before the first sample: a number, or an array like one sample. @defaultValue 0 */
  readonly y0?: ArrayLike_;
}

/** A filter over time. In a simulation every synapse delays by exactly one step; no synapse (null) does not. */
export abstract class Synapse extends Declared {
  readonly defaultSizeIn: number;
  readonly defaultSizeOut: number | null;
  readonly defaultDt: number;
  readonly seed: number | null;

  /** @param options - those of the subclass; those of {@link SynapseOptions} are taken here */
  protected constructor(options: object) {
    super(options);
    const { defaultSizeIn, defaultSizeOut, defaultDt, seed } = options as SynapseOptions;
    this.defaultSizeIn = checkInteger(this.type, "defaultSizeIn", defaultSizeIn ?? 1, { min: 0 });
    this.defaultSizeOut = defaultSizeOut ?? null;
    if (this.defaultSizeOut !== null && this.defaultSizeOut !== this.defaultSizeIn) {
      throw new ValidationError({
        owner: this.type,
        parameter: "defaultSizeOut",
        expected: `null or ${this.defaultSizeIn}, the size of what comes in`,
        got: describe(this.defaultSizeOut),
      });
    }
    this.defaultDt = checkNumber(this.type, "defaultDt", defaultDt ?? 0.001, { above: 0 });
    this.seed = checkSeed(this.type, seed);
  }

  /** As of every declared value; of the common options only those that are not as usual. */
  override toJSON(): { type: string } & Record<string, unknown> {
    const all = Object.entries(super.toJSON());
    return Object.fromEntries(all.filter(([key, value]) => !Object.hasOwn(usual, key) || value !== usual[key])) as ReturnType<
      Declared["toJSON"]
    >;
  }

  /** The operators of one step of the filter. */
  abstract lower(context: SynapseLowering): Operator[];
  /** The filter alone, from its start. */
  abstract makeStep(start: FilterStart): FilterStep;

  /**
   * Filters samples along an axis. Sample k of the result contains sample k of x; there is no delay.
   * @throws ShapeError, ValidationError for an axis that x lacks, or a y0 that the filter cannot hold
   */
  filt(x: ArrayLike_, options: FiltOptions = {}): NdArray {
    const lanes = this.lanes(x, options);
    return this.run(lanes, this.makeStep(lanes.start), false);
  }

  /** Filters forwards and then, with the state kept, backwards: the delays of both ways cancel. */
  filtfilt(x: ArrayLike_, options: FiltOptions = {}): NdArray {
    const lanes = this.lanes(x, options);
    const step = this.makeStep(lanes.start);
    return this.run({ ...lanes, array: this.run(lanes, step, false) }, step, true);
  }

  private lanes(x: ArrayLike_, { dt = this.defaultDt, axis = 0, y0 = 0 }: FiltOptions): Lanes {
    const array = ndarray(x, { owner: this.type, parameter: "x" });
    checkInteger(this.type, "axis", axis, { min: -array.shape.length, max: array.shape.length - 1 });
    const at = axis < 0 ? axis + array.shape.length : axis;
    const outer = array.shape.slice(0, at).reduce((a, b) => a * b, 1);
    const inner = array.shape.slice(at + 1).reduce((a, b) => a * b, 1);
    const size = outer * inner;
    const start = ndarray(y0, { owner: this.type, parameter: "y0" });
    if (start.data.length !== 1 && start.data.length !== size)
      throw new ShapeError({ owner: this.type, parameter: "y0", expected: `one number or ${size}`, got: `${start.data.length}` });
    const filled = start.data.length === size ? start.data : new Float64Array(size).fill(start.data[0]);
    const seconds = checkNumber(this.type, "dt", dt, { above: 0 });
    return { array, steps: array.shape[at], outer, inner, start: { dt: seconds, size, y0: filled.some((v) => v !== 0) ? filled : null } };
  }

  private run({ array, steps, outer, inner }: Lanes, step: FilterStep, backwards: boolean): NdArray {
    const out = new Float64Array(array.data.length);
    const row = new Float64Array(outer * inner);
    for (let k = 0; k < steps; k++) {
      const t = backwards ? steps - 1 - k : k;
      for (let o = 0; o < outer; o++) {
        const from = (o * steps + t) * inner;
        row.set(array.data.subarray(from, from + inner), o * inner);
      }
      const filtered = step(row);
      for (let o = 0; o < outer; o++) out.set(filtered.subarray(o * inner, (o + 1) * inner), (o * steps + t) * inner);
    }
    return { shape: array.shape, data: out };
  }
}

interface Lanes {
  readonly array: NdArray;
  readonly steps: number;
  readonly outer: number;
  readonly inner: number;
  readonly start: FilterStart;
}
