/**
 * `sum over k of X[k] exp(2 pi i j k / n)` for j = 0..n-1, in place of the arrays' numbers: a fast transform of mixed radix, quick
 * where n has small factors, right for every n.
 * Source: Cooley & Tukey, Mathematics of Computation 19 (1965).
 */
export function inverseTransform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  const cosine = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sine = Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * i) / n));
  const [outReal, outImaginary] = [new Float64Array(n), new Float64Array(n)];

  /** Transforms `length` numbers, every `stride`-th from `from`, into a run of the output from `to`. */
  const transform = (length: number, stride: number, from: number, to: number): void => {
    if (length === 1) {
      outReal[to] = real[from];
      outImaginary[to] = imaginary[from];
      return;
    }
    const radix = smallestFactor(length);
    const part = length / radix;
    for (let r = 0; r < radix; r++) transform(part, stride * radix, from + r * stride, to + r * part);
    const [re, im] = [new Float64Array(radix), new Float64Array(radix)];
    for (let k = 0; k < part; k++) {
      for (let r = 0; r < radix; r++) {
        re[r] = outReal[to + r * part + k];
        im[r] = outImaginary[to + r * part + k];
      }
      for (let q = 0; q < radix; q++) {
        const j = k + q * part;
        let [sumReal, sumImaginary] = [re[0], im[0]];
        for (let r = 1; r < radix; r++) {
          const angle = (((j * r) % length) * stride) % n;
          sumReal += re[r] * cosine[angle] - im[r] * sine[angle];
          sumImaginary += re[r] * sine[angle] + im[r] * cosine[angle];
        }
        outReal[to + j] = sumReal;
        outImaginary[to + j] = sumImaginary;
      }
    }
  };
  transform(n, 1, 0, 0);
  real.set(outReal);
  imaginary.set(outImaginary);
}

function smallestFactor(n: number): number {
  for (let f = 2; f * f <= n; f++) if (n % f === 0) return f;
  return n;
}
