import { expect } from "chai";
import fc from "fast-check";
import { convolveCausally, correlateCausally, spectraOf, transformInPlace } from "../../src/math/causalConvolution.ts";

const numbers = (count: number, phase: number): Float64Array => Float64Array.from({ length: count }, (_, i) => Math.sin(i * 1.3 + phase));
const sizes = [fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })] as const;

describe("causal convolution", () => {
  it("is the sum over earlier inputs", () => {
    fc.assert(
      fc.property(...sizes, (steps, channels, rows) => {
        const most = steps + rows - 1;
        const [response, u] = [numbers(most * channels, 0.4), numbers(rows * steps, 1)];
        const got = convolveCausally(u, rows, steps, spectraOf(response, most, channels));
        for (let r = 0; r < rows; r++) {
          for (let t = 0; t < steps; t++) {
            for (let c = 0; c < channels; c++) {
              let sum = 0;
              for (let k = 0; k <= t; k++) sum += u[r * steps + k] * response[(t - k) * channels + c];
              expect(got[(r * steps + t) * channels + c]).to.be.closeTo(sum, 1e-5);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("has the correlation as its adjoint", () => {
    fc.assert(
      fc.property(...sizes, (steps, channels, rows) => {
        const spectra = spectraOf(numbers(steps * channels, 0.4), steps, channels);
        const [u, g] = [numbers(rows * steps, 1), numbers(rows * steps * channels, 2)];
        const forward = convolveCausally(u, rows, steps, spectra).reduce((sum, v, i) => sum + v * g[i], 0);
        const backward = correlateCausally(g, rows, steps, spectra).reduce((sum, v, i) => sum + v * u[i], 0);
        expect(forward).to.be.closeTo(backward, 1e-4 * (1 + Math.abs(forward)));
      }),
      { numRuns: 50 },
    );
  });

  it("rests on a Fourier transform", () => {
    const [re, im] = [numbers(8, 0), numbers(8, 3)];
    const [real, imaginary] = [re.slice(), im.slice()];
    transformInPlace(real, imaginary);
    for (let k = 0; k < 8; k++) {
      let [a, b] = [0, 0];
      for (let n = 0; n < 8; n++) {
        const angle = (-2 * Math.PI * k * n) / 8;
        a += re[n] * Math.cos(angle) - im[n] * Math.sin(angle);
        b += re[n] * Math.sin(angle) + im[n] * Math.cos(angle);
      }
      expect(real[k]).to.be.closeTo(a, 1e-12);
      expect(imaginary[k]).to.be.closeTo(b, 1e-12);
    }
  });
});
