import { checkChoice, freeze } from "../declared.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { interp, searchsorted } from "../math/numpy.ts";
import { interpolatingSpline } from "../math/spline.ts";
import { Process, type ProcessContext, type ProcessStep } from "./process.ts";

/** What a piece gives: a number, an array, or a function of time (s). */
export type PieceValue = number | readonly number[] | Float64Array | ((t: number) => number | ArrayLike<number>);

const INTERPOLATIONS = ["zero", "linear", "nearest", "slinear", "quadratic", "cubic"] as const;
/** How a Piecewise goes from one of its times to the next. */
export type Interpolation = (typeof INTERPOLATIONS)[number];

export interface PiecewiseOptions {
  /** Values by time (s): an object, a Map, or pairs. */
  readonly data: Readonly<Record<string, PieceValue>> | Iterable<readonly [number, PieceValue]>;
  /**
   * `zero` holds a value until the next time, from the first time (0 before it) and beyond the last. The others go through the values by
   * straight lines, nearest values, or splines, and are 0 outside the times. @defaultValue "zero"
   */
  readonly interpolation?: Interpolation;
  readonly defaultDt?: number;
  readonly seed?: number | null;
}

/** Splines' degrees, which need one point more. */
const DEGREES = { slinear: 1, quadratic: 2, cubic: 3 } as const;

/** Values given at times, and what lies between. */
export class Piecewise extends Process {
  static override readonly type: string = "Piecewise";
  static override readonly parameters: readonly string[] = ["data", "interpolation", "defaultDt", "seed"];
  /** Values by time (s), times ascending. */
  readonly data: Readonly<Record<string, number | readonly number[] | ((t: number) => number | ArrayLike<number>)>>;
  readonly interpolation: Interpolation;

  /** @throws ValidationError, ShapeError for times or values that are no numbers, values of several sizes, or functions to interpolate */
  constructor(options: PiecewiseOptions) {
    const pieces = sorted(options);
    super(options, { sizeOut: sizeOf(pieces) });
    this.interpolation = checkChoice(this.type, "interpolation", options.interpolation ?? "zero", INTERPOLATIONS);
    if (this.interpolation !== "zero" && pieces.some(({ value }) => typeof value === "function")) {
      throw new ValidationError({
        owner: this.type,
        parameter: "interpolation",
        expected: '"zero" where values are functions',
        got: JSON.stringify(this.interpolation),
      });
    }
    const degree = this.interpolation in DEGREES ? DEGREES[this.interpolation as keyof typeof DEGREES] : 0;
    if (pieces.length <= degree) {
      throw new ValidationError({
        owner: this.type,
        parameter: "data",
        expected: `at least ${degree + 1} times for ${this.interpolation} interpolation`,
        got: `${pieces.length}`,
      });
    }
    this.data = Object.freeze(Object.fromEntries(pieces.map(({ time, value }) => [String(time), value])));
    freeze(this, new.target, Piecewise);
  }

  override makeStep({ sizeOut, dt }: ProcessContext): ProcessStep {
    if (sizeOut !== this.defaultSizeOut) {
      throw new ShapeError({
        owner: this.type,
        parameter: "data",
        expected: `values of ${sizeOut} numbers, the size of the output`,
        got: `${this.defaultSizeOut}`,
      });
    }
    const pieces = sorted({ data: this.data });
    const times = Float64Array.from(pieces, ({ time }) => time);
    const nothing = new Float64Array(sizeOut);
    if (this.interpolation === "zero") {
      return (t) => {
        const at = searchsorted(times, t + dt / 2) - 1;
        if (at < 0) return nothing;
        const { value } = pieces[at];
        return typeof value === "function" ? value(t) : value;
      };
    }
    const curve = this.curve(times, Float64Array.from(pieces.flatMap(({ value }) => value as number | readonly number[])), sizeOut);
    return (t) => (t < times[0] || t > times[times.length - 1] ? nothing : curve(t));
  }

  private curve(times: Float64Array, values: Float64Array, size: number): (t: number) => Float64Array {
    const { interpolation } = this;
    const column = (c: number): Float64Array => values.filter((_, k) => k % size === c);
    if (interpolation === "linear") {
      const columns = Array.from({ length: size }, (_, c) => column(c));
      return (t) => Float64Array.from(columns, (own) => interp(t, times, own));
    }
    if (interpolation === "nearest") {
      // Half way belongs to the earlier time.
      const middles = times.slice(1).map((time, k) => (time + times[k]) / 2);
      return (t) => {
        const at = searchsorted(middles, t);
        return values.subarray(at * size, (at + 1) * size);
      };
    }
    return interpolatingSpline(times, values, size, DEGREES[interpolation as keyof typeof DEGREES]);
  }
}

interface Piece {
  readonly time: number;
  readonly value: number | readonly number[] | ((t: number) => number | ArrayLike<number>);
}

function sorted(options: Pick<PiecewiseOptions, "data"> | undefined): Piece[] {
  const at = { owner: "Piecewise", parameter: "data" };
  const data: unknown = options?.data;
  if (typeof data !== "object" || data === null)
    throw new ValidationError({ ...at, expected: "values by time: an object, a Map or pairs", got: describe(data) });
  const entries: (readonly [unknown, unknown])[] =
    Symbol.iterator in data ? [...(data as Iterable<[unknown, unknown]>)] : Object.entries(data);
  if (entries.length === 0) throw new ValidationError({ ...at, expected: "at least one time", got: "none" });
  const pieces = entries.map((entry: unknown): Piece => {
    if (!Array.isArray(entry) || entry.length !== 2)
      throw new ValidationError({ ...at, expected: "pairs of a time and a value", got: describe(entry) });
    const [key, value] = entry as [unknown, unknown];
    const time = typeof key === "string" && key.trim() !== "" ? Number(key) : key;
    if (typeof time !== "number" || !Number.isFinite(time))
      throw new ValidationError({ ...at, expected: "times that are numbers (s)", got: describe(key) });
    if (typeof value === "function") return { time, value: value as (t: number) => number };
    if (typeof value === "number" && Number.isFinite(value)) return { time, value };
    const list = Array.isArray(value) || value instanceof Float64Array ? Array.from(value as ArrayLike<unknown>) : null;
    if (list === null || list.length === 0 || !list.every((v) => typeof v === "number" && Number.isFinite(v)))
      throw new ValidationError({
        ...at,
        parameter: `data[${time}]`,
        expected: "a finite number, a list of them, or a function of time",
        got: describe(value),
      });
    return { time, value: Object.freeze(list) as readonly number[] };
  });
  return pieces.sort((a, b) => a.time - b.time);
}

/** Size of all the values. */
function sizeOf(pieces: readonly Piece[]): number {
  const size = ({ time, value }: Piece): number => {
    const given = typeof value === "function" ? value(time) : value;
    return typeof given === "number" ? 1 : given.length;
  };
  const first = size(pieces[0]);
  for (const piece of pieces) {
    if (size(piece) !== first)
      throw new ShapeError({
        owner: "Piecewise",
        parameter: `data[${piece.time}]`,
        expected: `${first} number${first === 1 ? "" : "s"}, as at the first time`,
        got: `${size(piece)}`,
      });
  }
  return first;
}
