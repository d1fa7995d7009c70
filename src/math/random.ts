import { ValidationError } from "../errors.ts";
import { log } from "./elementary.ts";
import { beta, gamma, poisson } from "./variates.ts";

const STATE = 624;
const SHIFT = 397;

/** Largest value of a 32-bit signed integer: the (exclusive) bound below which Nengo draws seeds. */
export const MAXINT = 2147483647;

/**
 * NumPy's legacy `RandomState`, draw for draw: the same seed gives the same integers and uniforms bit for bit, and the same
 * gaussians up to the last bit of a logarithm.
 *
 * Source: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998); G. Marsaglia's polar method.
 */
export class RandomState {
  readonly #state = new Uint32Array(STATE);
  #position = STATE;
  /** The second gaussian of a pair, kept for the next call; NaN if there is none. */
  #spare = NaN;

  /** @param seed - an integer in 0..2^32-1 */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new ValidationError({ owner: "RandomState", parameter: "seed", expected: "an integer in 0..2^32-1", got: String(seed) });
    }
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < STATE; i++) {
      const last = state[i - 1];
      state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
    }
  }

  /** An integer in 0..2^32-1. */
  u32(): number {
    if (this.#position === STATE) this.#regenerate();
    let y = this.#state[this.#position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #regenerate(): void {
    const state = this.#state;
    for (let i = 0; i < STATE; i++) {
      const next = i + 1 < STATE ? i + 1 : 0;
      const far = i + SHIFT < STATE ? i + SHIFT : i + SHIFT - STATE;
      const y = (state[i] & 0x80000000) | (state[next] & 0x7fffffff);
      state[i] = state[far] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }

  /** A number in `[low, high)` with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const a = this.u32() >>> 5;
    const b = this.u32() >>> 6;
    return low + (high - low) * ((a * 67108864 + b) / 9007199254740992);
  }

  /** `n` uniforms. */
  uniforms(n: number, low = 0, high = 1): Float64Array {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = this.uniform(low, high);
    return out;
  }

  /** An integer in 0..max, both included: bits are masked, and drawn anew while the result is above `max`. */
  #interval(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.u32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  /**
   * An integer in `low..high-1`.
   * @throws ValidationError unless both are integers with `low < high <= low + 2^32`
   */
  randint(low: number, high: number): number {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high <= low || high - low > 2 ** 32) {
      throw new ValidationError({
        owner: "RandomState",
        parameter: "randint",
        expected: "integers low < high, at most 2^32 apart",
        got: `${low} and ${high}`,
      });
    }
    return low + this.#interval(high - low - 1);
  }

  /** A gaussian of mean 0 and standard deviation 1. */
  normal(): number {
    const spare = this.#spare;
    if (!Number.isNaN(spare)) {
      this.#spare = NaN;
      return spare;
    }
    for (;;) {
      const x1 = 2 * this.uniform() - 1;
      const x2 = 2 * this.uniform() - 1;
      const r2 = x1 * x1 + x2 * x2;
      if (r2 < 1 && r2 !== 0) {
        const f = Math.sqrt((-2 * log(r2)) / r2);
        this.#spare = f * x1;
        return f * x2;
      }
    }
  }

  /** `n` gaussians of mean 0 and standard deviation 1. */
  normals(n: number): Float64Array {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = this.normal();
    return out;
  }

  /** An exponential variate of mean `scale`. */
  exponential(scale = 1): number {
    return -scale * log(1 - this.uniform());
  }

  /** A gamma variate of the given shape (>= 0) and scale 1. */
  gamma(shape: number): number {
    return gamma(this, shape);
  }

  /** A beta variate, `a, b > 0`. */
  beta(a: number, b: number): number {
    return beta(this, a, b);
  }

  /** A Poisson variate of mean `lam` (>= 0). */
  poisson(lam: number): number {
    return poisson(this, lam);
  }

  /** Shuffles in place the rows of a row-major array. */
  shuffleRows(data: Float64Array, rowLength: number): void {
    for (let i = data.length / rowLength - 1; i >= 1; i--) {
      const j = this.#interval(i);
      if (j === i) continue;
      for (let k = 0; k < rowLength; k++) {
        const held = data[i * rowLength + k];
        data[i * rowLength + k] = data[j * rowLength + k]!;
        data[j * rowLength + k] = held;
      }
    }
  }
}
