import { expect } from "chai";
import { buildNetwork } from "../../src/build/build.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import { Network } from "../../src/network/index.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose } from "../support/numbers.ts";

interface Part {
  readonly shape: readonly number[];
  /** Some of the numbers, evenly spaced. */
  readonly every: readonly number[];
  readonly largest: number;
  readonly sum: number;
}
interface Case {
  readonly neurons: number;
  readonly dimensions: number;
  readonly gain: Part;
  readonly scaledEncoders: Part;
  readonly evalPoints: Part;
  readonly weights: Part;
  /** The weights as they would be without rounding. */
  readonly exact: Part;
  /** By how much of the largest weight Nengo's are off those. */
  readonly nengoOff: number;
}

const { cases } = fixture<{ cases: readonly Case[] }>("nengo/large.json");
const options = [{}, { function: (x: Float64Array) => x[0] ** 2 }, {}];

describe("large populations, as Nengo's", () => {
  cases.forEach(({ neurons, dimensions, weights, exact, nengoOff, ...drawn }, k) => {
    it(`${neurons} neurons, ${dimensions} dimensions`, () => {
      const net = new Network({ seed: 4 });
      const a = net.ensemble(neurons, dimensions, { radius: 1.3 });
      const connection = net.connect(a, net.node({ sizeIn: k === 1 ? 1 : dimensions }), options[k]);
      const built = buildNetwork(net);
      const relative = neurons > 1000 ? 1e-11 : 1e-12;
      const same = ({ shape, data }: NdArray, wanted: Part, what: string, close = relative): void => {
        expect(shape, what).to.deep.equal(wanted.shape);
        const step = Math.max(1, Math.floor(data.length / 60));
        expectClose(
          data.filter((_, i) => i % step === 0),
          wanted.every,
          close * wanted.largest,
          what,
        );
        expect(data.reduce((sum, v) => sum + v, 0)).to.be.closeTo(wanted.sum, close * wanted.largest * data.length, `sum of ${what}`);
      };
      const ensemble = built.ensembles.get(a)!;
      same(ensemble.gain!, drawn.gain, "gain");
      same(ensemble.scaledEncoders, drawn.scaledEncoders, "scaled encoders");
      same(ensemble.evalPoints, drawn.evalPoints, "evaluation points");
      const solved = built.connections.get(connection)!.weights!;
      same(solved, exact, "exact weights");
      // Nengo's own rounding stands between.
      same(solved, weights, "weights", relative + nengoOff);
    }).timeout(60_000);
  });
});
