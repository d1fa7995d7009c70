import { expect } from "chai";
import { inverseTransform } from "../../src/math/fourier.ts";
import { RandomState } from "../../src/math/random.ts";

describe("inverseTransform", () => {
  for (const n of [1, 2, 3, 8, 12, 30, 49, 97, 128, 210]) {
    it(`sums up ${n} frequencies`, () => {
      const rng = new RandomState(n);
      const [re, im] = [rng.normals(n), rng.normals(n)];
      const [gotRe, gotIm] = [re.slice(), im.slice()];
      inverseTransform(gotRe, gotIm);
      for (let j = 0; j < n; j++) {
        let [a, b] = [0, 0];
        for (let k = 0; k < n; k++) {
          const angle = (2 * Math.PI * ((j * k) % n)) / n;
          a += re[k] * Math.cos(angle) - im[k] * Math.sin(angle);
          b += re[k] * Math.sin(angle) + im[k] * Math.cos(angle);
        }
        expect(gotRe[j]).to.be.closeTo(a, 1e-12 * n);
        expect(gotIm[j]).to.be.closeTo(b, 1e-12 * n);
      }
    });
  }
});
