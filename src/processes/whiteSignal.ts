import { checkNumber, freeze } from "../declared.ts";
import { checkRoom } from "../math/room.ts";
import { ValidationError } from "../errors.ts";
import { inverseTransform } from "../math/fourier.ts";
import type { RandomState } from "../math/random.ts";
import {
  Process,
  sourceParameters,
  tableStep,
  type ProcessContext,
  type ProcessStep,
  type ProcessTable,
  type SourceOptions,
} from "./process.ts";

export interface WhiteSignalOptions extends SourceOptions {
  /** Seconds after which the signal repeats. */
  readonly period: number;
  /** Highest frequency, Hz; at least `1 / period`, at most `0.5 / dt`. */
  readonly high: number;
  /** Root of the mean square. @defaultValue 0.5 */
  readonly rms?: number;
  /** Start where the signal comes closest to this value; null: anywhere. @defaultValue null */
  readonly y0?: number | null;
}

/** A smooth random signal: gaussian Fourier coefficients up to `high` Hz, repeated after `period`. */
export class WhiteSignal extends Process {
  static override readonly type: string = "WhiteSignal";
  static override readonly parameters: readonly string[] = ["period", "high", "rms", "y0", ...sourceParameters];
  readonly period: number;
  readonly high: number;
  readonly rms: number;
  readonly y0: number | null;

  constructor(options: WhiteSignalOptions) {
    super(options);
    this.period = checkNumber(this.type, "period", options.period, { above: 0 });
    this.high = checkNumber(this.type, "high", options.high, { above: 0 });
    this.rms = checkNumber(this.type, "rms", options.rms ?? 0.5, { above: 0 });
    const y0 = options.y0 ?? null;
    this.y0 = y0 === null ? null : checkNumber(this.type, "y0", y0);
    if (this.high < 1 / this.period) {
      throw new ValidationError({
        owner: this.type,
        parameter: "high",
        expected: `at least 1 / period = ${1 / this.period} Hz`,
        got: `${this.high}`,
        fix: "Raise high or period, else the signal is 0",
      });
    }
    freeze(this, new.target, WhiteSignal);
  }

  override makeStep(context: ProcessContext): ProcessStep {
    return tableStep(this.makeTable(context), context);
  }

  /** @throws ValidationError where `high` is above the Nyquist frequency of dt */
  override makeTable({ sizeOut, dt, rng }: ProcessContext): ProcessTable {
    const nyquist = 0.5 / dt;
    if (this.high > nyquist) {
      throw new ValidationError({
        owner: this.type,
        parameter: "high",
        expected: `at most half the sampling frequency, ${nyquist} Hz for dt = ${dt}`,
        got: `${this.high}`,
        fix: "Lower high or dt",
      });
    }
    const half = Math.ceil(this.period / dt / 2);
    const rows = 2 * half;
    checkRoom(rows * sizeOut, `${this.type}.period`);
    const data = realSeries(this.coefficients(half, sizeOut, dt, rng), rows, sizeOut);
    if (this.y0 !== null) for (let k = 0; k < sizeOut; k++) rotateTo(this.y0, data, k, rows, sizeOut);
    return { rows, data, mode: "cyclic", offset: 0 };
  }

  /** Fourier coefficients of frequencies 0..half; those from `used` on are 0. */
  private coefficients(half: number, size: number, dt: number, rng: RandomState): Coefficients {
    const sigma = this.rms * Math.sqrt(0.5);
    const draw = (): Float64Array => rng.normals((half + 1) * size).map((g) => g * sigma);
    const imaginary = draw();
    const real = draw();
    real.fill(0, 0, size);
    imaginary.fill(0, 0, size);
    imaginary.fill(0, half * size);
    const spacing = 1 / (2 * half * dt);
    let used = half + 1;
    while ((used - 1) * spacing > this.high) used--;
    // Power of the frequencies left out goes to the others.
    const kept = 1 - (half + 1 - used) / half;
    const factor = (kept > 0 ? 1 / Math.sqrt(kept) : 1) * Math.sqrt(2 * half);
    const low = (part: Float64Array): Float64Array => part.subarray(0, used * size).map((v) => v * factor);
    return { used, real: low(real), imaginary: low(imaginary) };
  }
}

/** Row-major `[used, size]`. */
interface Coefficients {
  readonly used: number;
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Products of rows and frequencies beyond which a fast transform takes less time than summing up the frequencies in use. */
const MANY = 1e6;

/** Inverse real Fourier transform of `rows` (even) values, column by column. */
function realSeries(coefficients: Coefficients, rows: number, size: number): Float64Array {
  const out = new Float64Array(rows * size);
  const column = coefficients.used * rows > MANY ? transformed : summed;
  for (let c = 0; c < size; c++) column(coefficients, rows, c, size).forEach((v, j) => (out[j * size + c] = v));
  return out;
}

/** The weight of frequency k in a series of real numbers: all but the highest stand for two. */
const weightOf = (k: number, rows: number): number => (2 * k === rows ? 1 : 2) / rows;

function transformed({ used, real, imaginary }: Coefficients, rows: number, c: number, size: number): Float64Array {
  const [re, im] = [new Float64Array(rows), new Float64Array(rows)];
  for (let k = 1; k < used; k++) {
    re[k] = weightOf(k, rows) * real[k * size + c];
    im[k] = weightOf(k, rows) * imaginary[k * size + c];
  }
  inverseTransform(re, im);
  return re;
}

function summed({ used, real, imaginary }: Coefficients, rows: number, c: number, size: number): Float64Array {
  const cosine = Float64Array.from({ length: rows }, (_, i) => Math.cos((2 * Math.PI * i) / rows));
  const sine = Float64Array.from({ length: rows }, (_, i) => Math.sin((2 * Math.PI * i) / rows));
  const out = new Float64Array(rows);
  for (let k = 1; k < used; k++) {
    const re = weightOf(k, rows) * real[k * size + c];
    const im = weightOf(k, rows) * imaginary[k * size + c];
    for (let j = 0, angle = 0; j < rows; j++) {
      out[j] += re * cosine[angle] - im * sine[angle];
      angle += k;
      if (angle >= rows) angle -= rows;
    }
  }
  return out;
}

/** Rotates column `c` so that row 1, the first to be put out, holds the value closest to `y0`. */
function rotateTo(y0: number, data: Float64Array, c: number, rows: number, size: number): void {
  const column = Float64Array.from({ length: rows }, (_, j) => data[j * size + c]);
  let nearest = 0;
  for (let j = 1; j < rows; j++) if (Math.abs(column[j] - y0) < Math.abs(column[nearest] - y0)) nearest = j;
  for (let j = 0; j < rows; j++) data[j * size + c] = column[(j + nearest + rows - 1) % rows]!;
}
