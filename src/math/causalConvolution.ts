/** Products with powers of the unit root of a transform, for every size that was asked for. */
interface Plan {
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
  readonly reversed: Uint32Array;
}
const plans = new Map<number, Plan>();

function planOf(n: number): Plan {
  let plan = plans.get(n);
  if (plan === undefined) {
    const bits = Math.log2(n);
    const reversed = new Uint32Array(n);
    for (let i = 0; i < n; i++) reversed[i] = (reversed[i >> 1] >> 1) | ((i & 1) << Math.max(0, bits - 1));
    const angle = (i: number): number => (-2 * Math.PI * i) / n;
    const half = n / 2;
    plan = {
      cosine: Float64Array.from({ length: half }, (_, i) => Math.cos(angle(i))),
      sine: Float64Array.from({ length: half }, (_, i) => Math.sin(angle(i))),
      reversed,
    };
    plans.set(n, plan);
  }
  return plan;
}

/** The discrete Fourier transform in place, of a size that is a power of two. Source: Cooley & Tukey (1965), decimation in time. */
export function transformInPlace(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  const { cosine, sine, reversed } = planOf(n);
  for (let i = 0; i < n; i++) {
    const j = reversed[i];
    if (j <= i) continue;
    [real[i], real[j]] = [real[j], real[i]];
    [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
  }
  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half);
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0, w = 0; k < half; k++, w += stride) {
        const [a, b] = [start + k, start + k + half];
        const re = real[b] * cosine[w] - imaginary[b] * sine[w];
        const im = real[b] * sine[w] + imaginary[b] * cosine[w];
        real[b] = real[a] - re;
        imaginary[b] = imaginary[a] - im;
        real[a] += re;
        imaginary[a] += im;
      }
    }
  }
}

/** Size of the transforms that convolve `steps` numbers without wrapping around. */
const sizeFor = (steps: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, 2 * steps)));

/** Spectra of responses `[steps, channels]`, one a channel; they serve any number of convolutions of up to `steps` steps. */
export interface Spectra {
  readonly steps: number;
  readonly channels: number;
  readonly real: readonly Float64Array[];
  readonly imaginary: readonly Float64Array[];
}

export function spectraOf(response: Float64Array, steps: number, channels: number): Spectra {
  const size = sizeFor(steps);
  const [real, imaginary]: [Float64Array[], Float64Array[]] = [[], []];
  for (let c = 0; c < channels; c++) {
    const [re, im] = [new Float64Array(size), new Float64Array(size)];
    for (let t = 0; t < steps; t++) re[t] = response[t * channels + c];
    transformInPlace(re, im);
    real.push(re);
    imaginary.push(im);
  }
  return { steps, channels, real, imaginary };
}

/**
 * Causal convolution of every row with every channel's response: `[rows, steps]` to `[rows, steps, channels]`. Two channels are
 * one complex signal, since the input and the responses are real.
 */
export function convolveCausally(u: ArrayLike<number>, rows: number, steps: number, spectra: Spectra): Float32Array {
  const { channels, real, imaginary } = spectra;
  const size = sizeFor(spectra.steps);
  const out = new Float32Array(rows * steps * channels);
  const [re, im, outRe, outIm] = Array.from({ length: 4 }, () => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < rows; row++) {
    re.fill(0);
    im.fill(0);
    for (let t = 0; t < steps; t++) re[t] = u[row * steps + t];
    transformInPlace(re, im);
    for (let c = 0; c < channels; c += 2) {
      const pair = c + 1 < channels;
      const [aRe, aIm, bRe, bIm] = [real[c], imaginary[c], real[pair ? c + 1 : c], imaginary[pair ? c + 1 : c]];
      for (let k = 0; k < size; k++) {
        // u (a + i b), conjugated: the inverse transform is the conjugate of the transform of the conjugate.
        const hRe = pair ? aRe[k] - bIm[k] : aRe[k];
        const hIm = pair ? aIm[k] + bRe[k] : aIm[k];
        outRe[k] = re[k] * hRe - im[k] * hIm;
        outIm[k] = -(re[k] * hIm + im[k] * hRe);
      }
      transformInPlace(outRe, outIm);
      const at = row * steps * channels + c;
      for (let t = 0; t < steps; t++) {
        out[at + t * channels] = outRe[t] / size;
        if (pair) out[at + t * channels + 1] = -outIm[t] / size;
      }
    }
  }
  return out;
}

/**
 * The adjoint of {@link convolveCausally}: `[rows, steps, channels]` to `[rows, steps]`, the sum over channels and later steps of
 * gradient times response.
 */
export function correlateCausally(gradient: ArrayLike<number>, rows: number, steps: number, spectra: Spectra): Float32Array {
  const { channels, real, imaginary } = spectra;
  const size = sizeFor(spectra.steps);
  const out = new Float32Array(rows * steps);
  for (let row = 0; row < rows; row++) {
    const [sumRe, sumIm] = [new Float64Array(size), new Float64Array(size)];
    for (let c = 0; c < channels; c++) {
      const [re, im] = [new Float64Array(size), new Float64Array(size)];
      for (let t = 0; t < steps; t++) re[t] = gradient[(row * steps + t) * channels + c];
      transformInPlace(re, im);
      const [hRe, hIm] = [real[c], imaginary[c]];
      for (let k = 0; k < size; k++) {
        // gradient times the conjugate of the response, conjugated for the inverse transform.
        sumRe[k] += re[k] * hRe[k] + im[k] * hIm[k];
        sumIm[k] -= im[k] * hRe[k] - re[k] * hIm[k];
      }
    }
    transformInPlace(sumRe, sumIm);
    for (let t = 0; t < steps; t++) out[row * steps + t] = sumRe[t] / size;
  }
  return out;
}
