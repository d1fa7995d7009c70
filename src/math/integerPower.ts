/** 2^27 + 1: splits a number into two halves of 26 bits. */
const SPLITTER = 134217729;

/** What `a * b` lost when it was rounded to `product` (T. J. Dekker, 1971). */
function lost(a: number, b: number, product: number): number {
  const [as, bs] = [a * SPLITTER, b * SPLITTER];
  const [a1, b1] = [as - (as - a), bs - (bs - b)];
  const [a2, b2] = [a - a1, b - b1];
  return a1 * b1 - product + a1 * b2 + a2 * b1 + a2 * b2;
}

/**
 * `x^k` for an integer `k >= 0`, rounded once: products are carried as sums of two numbers, so that all but about one result in 2^45 is the
 * number nearest to the true power. (`**` may be one unit off in the last place, and differently from engine to engine; where powers are
 * multiplied by large numbers and only what is behind the point counts, that would show.)
 */
export function integerPower(x: number, k: number): number {
  let [high, low] = [1, 0];
  let [square, squareLow] = [x, 0];
  for (let rest = k; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      const product = high * square;
      const tail = lost(high, square, product) + (high * squareLow + low * square);
      high = product + tail;
      low = tail - (high - product);
    }
    const product = square * square;
    const tail = lost(square, square, product) + 2 * square * squareLow;
    square = product + tail;
    squareLow = tail - (square - product);
  }
  return high;
}
