/** The few NumPy functions whose exact results matter. */

/** Index of the first element of sorted `a` that is `>= v`; `a.length` if there is none. */
export function searchsorted(a: ArrayLike<number>, v: number): number {
  let [low, high] = [0, a.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (a[middle] < v) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Value at `x` of the straight lines through the points `(xp, fp)`, `xp` ascending; constant outside them. */
export function interp(x: number, xp: ArrayLike<number>, fp: ArrayLike<number>): number {
  const last = xp.length - 1;
  if (x < xp[0]) return fp[0];
  if (x >= xp[last]) return fp[last];
  const i = searchsorted(xp, x);
  if (xp[i] === x) {
    // Among equal points NumPy takes the last one.
    let j = i;
    while (xp[j + 1] === x) j++;
    return fp[j];
  }
  const j = i - 1;
  const slope = (fp[i] - fp[j]) / (xp[i] - xp[j]);
  return slope * (x - xp[j]) + fp[j];
}

/** How far a guess is trusted. */
const NEAR = 8;

/** The last i with `a[i] <= key`, looked for from a guess: -1 below the first, `a.length` above the last. */
function searchFrom(key: number, a: ArrayLike<number>, first: number): number {
  const { length } = a;
  if (key > a[length - 1]) return length;
  if (key < a[0]) return -1;
  if (length <= 4) {
    let i = 1;
    while (i < length && key >= a[i]) i++;
    return i - 1;
  }
  const guess = Math.max(Math.min(first, length - 3), 1);
  let [low, high] = [0, length];
  if (key < a[guess]) {
    if (key >= a[guess - 1]) return guess - 1;
    high = guess - 1;
    if (guess > NEAR && key >= a[guess - NEAR]) low = guess - NEAR;
  } else {
    if (key < a[guess + 1]) return guess;
    if (key < a[guess + 2]) return guess + 1;
    low = guess + 2;
    if (guess < length - NEAR - 1 && key < a[guess + NEAR]) high = guess + NEAR;
  }
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (key >= a[middle]) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * As `interp`, for many values one after the other. Where `xp` is not ascending, which of several places is found depends, as in
 * NumPy, on where the value before was found.
 */
export function interpAll(x: Float64Array, xp: ArrayLike<number>, fp: ArrayLike<number>): Float64Array {
  const last = xp.length - 1;
  let j = 0;
  return x.map((value) => {
    j = searchFrom(value, xp, j);
    if (j === -1) return fp[0];
    if (j >= last) return fp[last];
    if (xp[j] === value) return fp[j];
    return ((fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j])) * (value - xp[j]) + fp[j];
  });
}

/** `count` numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count: number): Float64Array {
  const step = (stop - start) / (count - 1);
  const out = Float64Array.from({ length: count }, (_, i) => i * step + start);
  if (count > 1) out[count - 1] = stop;
  else if (count === 1) out[0] = start;
  return out;
}

/** The largest float64 below `x`. */
export function previousFloat(x: number): number {
  if (Number.isNaN(x) || x === -Infinity) return x;
  if (x === 0) return -Number.MIN_VALUE;
  const value = new Float64Array([x]);
  const bits = new BigInt64Array(value.buffer);
  bits[0] += x > 0 ? -1n : 1n;
  return value[0];
}
