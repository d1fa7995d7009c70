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
