import { expect } from "chai";
import fc from "fast-check";
import {
  impulseResponse,
  matricesByLogTheta,
  memoryBlock,
  memoryMatrices,
  type Discretizer,
} from "../../../src/layers/lmu/memoryMatrices.ts";
import { multiply } from "../../../src/math/linalg.ts";
import { fixture } from "../../support/fixtures.ts";

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}
const { matrices } = fixture<{ matrices: { order: number; theta: number; discretizer: Discretizer; A: Numbers; B: Numbers }[] }>(
  "keras_lmu/lmu.json",
);

const sizes = { order: fc.integer({ min: 1, max: 7 }), theta: fc.double({ min: 3, max: 60, noNaN: true }) };

describe("matrices of a Legendre memory", () => {
  for (const { order, theta, discretizer, A, B } of matrices) {
    it(`are KerasLMU's: order ${order}, theta ${theta}, ${discretizer}`, () => {
      const made = memoryMatrices(order, theta, discretizer);
      const [rows] = A.shape;
      // KerasLMU's exponential is in float32, which for a large order is off by as much.
      const part = order > 16 ? 5e-5 : 5e-7;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < rows; j++) expect(made.A[i * order + j], `A ${i} ${j}`).to.be.closeTo(A.data[i * rows + j], part);
        expect(made.B[i], `B ${i}`).to.be.closeTo(B.data[i], part);
      }
    });
  }

  it("change with theta as differences say", () => {
    fc.assert(
      fc.property(sizes.order, sizes.theta, fc.constantFrom<Discretizer>("zoh", "euler"), (order, theta, discretizer) => {
        const h = 1e-6;
        const [above, below] = [Math.exp(h), Math.exp(-h)].map((f) => memoryMatrices(order, theta * f, discretizer));
        const slope = matricesByLogTheta(memoryMatrices(order, theta, discretizer), theta, discretizer);
        const scale = Math.max(...slope.map(Math.abs));
        for (let i = 0; i < order; i++) {
          for (let j = 0; j <= order; j++) {
            const [a, b] = [above, below].map((m) => (j < order ? m.A[i * order + j] : m.B[i]));
            expect(slope[i * (order + 1) + j]).to.be.closeTo((a - b) / (2 * h), 1e-6 * scale + 1e-9);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("remember the last theta steps: the first coefficient is the mean of a constant", () => {
    const { order, A, B } = memoryMatrices(6, 20, "zoh");
    let m: Float64Array = new Float64Array(order);
    for (let t = 0; t < 60; t++) m = multiply(A, m, order, order, 1).map((v, i) => v + 0.7 * B[i]);
    expect(m[0]).to.be.closeTo(0.7, 1e-3);
    expect(Math.max(...Array.from(m.subarray(1), Math.abs))).to.be.below(1e-2);
  });

  it("step by step and in blocks give the same", () => {
    fc.assert(
      fc.property(
        sizes.order,
        sizes.theta,
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
        (order, theta, length, stream) => {
          const numbers = (count: number): Float64Array => Float64Array.from({ length: count }, () => stream.next().value as number);
          const made = memoryMatrices(order, theta, "zoh");
          const [start, u] = [numbers(order), numbers(length)];
          const block = memoryBlock(made, length);
          const given = Float64Array.of(...u, ...start);
          const inBlock = multiply(given, Float64Array.from(block.states), 1, length + order, length * order);
          const end = multiply(u, Float64Array.from(block.inputsToEnd), 1, length, order);
          const carried = multiply(start, Float64Array.from(block.startToEnd), 1, order, order);
          let m: Float64Array = start;
          for (let t = 0; t < length; t++) {
            m = multiply(made.A, m, order, order, 1).map((v, i) => v + u[t] * made.B[i]);
            for (let i = 0; i < order; i++) expect(inBlock[t * order + i]).to.be.closeTo(m[i], 1e-5);
          }
          for (let i = 0; i < order; i++) expect(end[i] + carried[i]).to.be.closeTo(m[i], 1e-5);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("answer an impulse", () => {
    const made = memoryMatrices(3, 7, "zoh");
    const response = impulseResponse(made, 3);
    expect(Array.from(response.subarray(0, 3))).to.deep.equal(Array.from(made.B));
    expect(Array.from(response.subarray(3, 6))).to.deep.equal(Array.from(multiply(made.A, made.B, 3, 3, 1)));
  });
});
