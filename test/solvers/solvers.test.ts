import { expect } from "chai";
import { BuildError, ShapeError, ValidationError } from "../../src/errors.ts";
import { RandomState } from "../../src/math/random.ts";
import * as solvers from "../../src/solvers/index.ts";
import { Network } from "../../src/network/index.ts";
import { Simulator } from "../../src/simulator/index.ts";
import type { LeastSquares } from "../../src/solvers/leastSquares.ts";
import type { Solver, SolverProblem } from "../../src/solvers/solver.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose } from "../support/numbers.ts";

const { Cholesky, LstsqL1, LstsqL2, NoSolver } = solvers;

type Lists<T> = { readonly [K in keyof T]: T[K] extends Float64Array ? number[] : T[K] };

const expected = fixture<{
  problems: Lists<SolverProblem>[];
  lstsqL2: { problem: number; options: { reg?: number }; transpose: boolean | null; weights: number[]; rmses: number[] }[];
  others: {
    problem: number;
    solver: { type: string };
    weights: number[];
    rmses: number[];
    rank?: number;
    singularValues?: number[];
    residuals?: number[];
  }[];
  sigmaPerNeuron: { problem: number; sigma: number[]; weights: number[] }[];
  methods: {
    problem: number;
    method: { type: string; maxiters?: number };
    sigma: number | number[];
    weights: number[];
    rmses: number[];
    iterations?: number | number[];
  }[];
  lstsqL1: { problem: number; options: { l1?: number; l2?: number }; weights: number[]; rmses: number[] }[];
}>("nengo/solvers.json");

const problem = (index: number): SolverProblem => {
  const { activities, targets, ...sizes } = expected.problems[index];
  return { ...sizes, activities: Float64Array.from(activities), targets: Float64Array.from(targets) };
};
const largest = (values: number[]): number => Math.max(...values.map(Math.abs));

/** Y - A X, row-major. */
const errorsOf = ({ activities, targets, points, neurons, dimensions }: SolverProblem, x: Float64Array): Float64Array => {
  const errors = targets.slice();
  for (let p = 0; p < points; p++)
    for (let i = 0; i < neurons; i++)
      for (let c = 0; c < dimensions; c++) errors[p * dimensions + c] -= activities[p * neurons + i] * x[i * dimensions + c];
  return errors;
};

const squaredErrors = (given: SolverProblem, x: Float64Array): number[] => {
  const sums = new Array<number>(given.dimensions).fill(0);
  errorsOf(given, x).forEach((e, k) => (sums[k % given.dimensions] += e * e));
  return sums;
};

/** A^T (Y - A X) */
const slopesOf = (given: SolverProblem, x: Float64Array): Float64Array => {
  const { activities, points, neurons, dimensions } = given;
  const errors = errorsOf(given, x);
  const slopes = new Float64Array(neurons * dimensions);
  for (let p = 0; p < points; p++)
    for (let i = 0; i < neurons; i++)
      for (let c = 0; c < dimensions; c++) slopes[i * dimensions + c] += activities[p * neurons + i] * errors[p * dimensions + c];
  return slopes;
};

/** What methods of least squares minimise, per dimension. */
const objectives = (given: SolverProblem, sigma: number | Float64Array, x: Float64Array): number[] =>
  squaredErrors(given, x).map((sum, c) => {
    for (let i = 0; i < given.neurons; i++)
      sum += given.points * ((typeof sigma === "number" ? sigma : sigma[i]) * x[i * given.dimensions + c]) ** 2;
    return sum;
  });

describe("solvers", () => {
  describe("contract", () => {
    declaredContract(solvers, {
      BlockConjgrad: [{}, { tol: 1e-3, X0: [[1], [2]] }],
      Cholesky: [{}, { transpose: true }],
      Conjgrad: [{}, { tol: 1e-3, maxiters: 5, X0: [[1], [2]] }],
      ConjgradScipy: [{}, { tol: 1e-3, atol: 0 }],
      LSMRScipy: [{}, { tol: 1e-3 }],
      LstsqL1: [{}, { l1: 0.01, l2: 0, maxIter: 10, weights: true }],
      RandomizedSVD: [{}, { nComponents: 5, nOversamples: 0, nIter: 2 }],
      SVD: [{}],
      Lstsq: [{}, { rcond: 0.1, weights: true }],
      LstsqDrop: [{}, { drop: 0.5, solver1: { type: "LstsqL2", reg: 0.2 }, solver2: { type: "Nnls" } }],
      LstsqL2nz: [{}, { reg: 0.01, weights: true }],
      LstsqMultNoise: [{}, { noise: 0.2 }],
      LstsqNoise: [{}, { noise: 0, weights: true, solver: { type: "Cholesky", transpose: false } }],
      Nnls: [{}, { weights: true }],
      NnlsL2: [{}, { reg: 0.01 }],
      NnlsL2nz: [{}, { reg: 0.01, weights: true }],
      LstsqL2: [{}, { reg: 0.01, weights: true, solver: { type: "Cholesky", transpose: false } }],
      NoSolver: [
        {},
        {
          values: [
            [1, 2],
            [3, 4],
          ],
          weights: true,
        },
      ],
    });
  });

  describe("as Nengo's", () => {
    it("are all there", () => {
      const methods = expected.methods.map(({ method }) => method.type);
      const known = new Set([
        ...expected.others.map(({ solver }) => solver.type),
        ...methods,
        "LstsqL1",
        "LstsqL2",
        "NoSolver",
        "Cholesky",
      ]);
      expect(Object.keys(solvers).filter((name) => !known.has(name))).to.deep.equal([]);
    });
    for (const { problem: index, solver: description, weights, rmses, rank, singularValues, residuals } of expected.others) {
      const { points, neurons } = expected.problems[index];
      it(`${points} points, ${neurons} neurons, ${JSON.stringify(description)}`, () => {
        const solution = make<Solver>(solvers, description.type, description).solve(problem(index), new RandomState(7));
        expectClose(solution.weights, weights, 1e-12 * largest(weights));
        expectClose(solution.info["rmses"] as Float64Array, rmses, 1e-12);
        if (rank !== undefined) {
          expect(solution.info["rank"]).to.equal(rank);
          expectClose(solution.info["singularValues"] as Float64Array, singularValues!, 1e-12 * singularValues![0]);
        }
        if (residuals !== undefined) expectClose(solution.info["residuals"] as Float64Array, residuals, 1e-10 * Math.max(1, ...residuals));
      });
    }
  });

  describe("LstsqL2, as Nengo's", () => {
    for (const { problem: index, options, transpose, weights, rmses } of expected.lstsqL2) {
      const { points, neurons } = expected.problems[index];
      it(`${points} points, ${neurons} neurons, ${JSON.stringify(options)}, transpose ${transpose}`, () => {
        const solution = new LstsqL2({ ...options, solver: new Cholesky({ transpose }) }).solve(problem(index));
        expectClose(solution.weights, weights, 1e-12 * largest(weights));
        expectClose(solution.info["rmses"] as Float64Array, rmses, 1e-12);
      });
    }

    it("solves a large system: the gradient of what is minimised is 0", () => {
      const [points, neurons, dimensions] = [300, 120, 2];
      const rng = new RandomState(0);
      const large = {
        points,
        neurons,
        dimensions,
        activities: rng.uniforms(points * neurons, 0, 300),
        targets: rng.uniforms(points * dimensions, -1, 1),
      };
      const { weights } = new LstsqL2().solve(large);
      const lambda = points * (0.1 * large.activities.reduce((a, b) => Math.max(a, b))) ** 2;
      const errors = large.targets.slice();
      for (let p = 0; p < points; p++)
        for (let i = 0; i < neurons; i++)
          for (let c = 0; c < dimensions; c++)
            errors[p * dimensions + c] -= large.activities[p * neurons + i] * weights[i * dimensions + c];
      for (let i = 0; i < neurons; i++) {
        for (let c = 0; c < dimensions; c++) {
          let gradient = lambda * weights[i * dimensions + c];
          for (let p = 0; p < points; p++) gradient -= large.activities[p * neurons + i] * errors[p * dimensions + c];
          expect(gradient).to.be.closeTo(0, 1e-8);
        }
      }
    });

    it("does not touch what it is given", () => {
      const given = problem(0);
      new LstsqL2().solve(given);
      expect(given).to.deep.equal(problem(0));
    });

    it("refuses a negative regularisation, and a method that is none", () => {
      expect(() => new LstsqL2({ reg: -1 })).to.throw(ValidationError, "LstsqL2.reg: expected a finite number >= 0, got -1.");
      expect(() => new LstsqL2({ solver: new NoSolver() as never })).to.throw(
        ValidationError,
        "LstsqL2.solver: expected a method of least squares, e.g. new Cholesky(), got a NoSolver.",
      );
    });

    it("says what to do where the system has no unique solution", () => {
      const silent = {
        points: 3,
        neurons: 2,
        dimensions: 1,
        activities: Float64Array.of(1, 0, 2, 0, 3, 0),
        targets: Float64Array.of(1, 1, 1),
      };
      expect(() => new LstsqL2({ reg: 0 }).solve(silent)).to.throw(BuildError, "Raise the solver's regularisation.");
    });
  });

  describe("Cholesky", () => {
    for (const { problem: index, sigma, weights } of expected.sigmaPerNeuron) {
      it(`regularises every neuron by itself, problem ${index}`, () => {
        expectClose(new Cholesky().minimize(problem(index), Float64Array.from(sigma)).weights, weights, 1e-12 * largest(weights));
      });
    }

    it("refuses the dual with a regularisation per neuron", () => {
      expect(() => new Cholesky({ transpose: true }).minimize(problem(0), new Float64Array(3).fill(1))).to.throw(
        ValidationError,
        "Cholesky.transpose: expected false or null where neurons have regularisations of their own, got true.",
      );
    });
  });

  describe("methods of least squares, as Nengo's", () => {
    for (const { problem: index, method, sigma, weights, rmses, iterations } of expected.methods) {
      const { points, neurons, dimensions } = expected.problems[index];
      it(`${points} points, ${neurons} neurons, ${JSON.stringify(method).slice(0, 60)}, sigma ${typeof sigma === "number" ? "of all" : "per neuron"}`, () => {
        const given = problem(index);
        const own = typeof sigma === "number" ? sigma : Float64Array.from(sigma);
        const solution = make<LeastSquares>(solvers, method.type, method).minimize(given, own, new RandomState(3));
        // Conjugate gradients that go on until they are settled magnify rounding: two ways to write the same product differ as much.
        const settles = /Conjgrad|LSMR/.test(method.type) && method.maxiters === undefined && index > 0;
        if (!settles) {
          const tolerance = method.type === "RandomizedSVD" ? 1e-10 : 1e-12;
          expectClose(solution.weights, weights, tolerance * largest(weights));
          expectClose(solution.info["rmses"] as Float64Array, rmses, tolerance);
          if (iterations !== undefined) expect(solution.info["iterations"]).to.deep.equal(iterations);
          return;
        }
        // What both minimise is as near to the minimum as Nengo's is, to a hundredth of a percent.
        const least = objectives(given, own, new Cholesky({ transpose: false }).minimize(given, own).weights);
        const reached = objectives(given, own, solution.weights);
        const nengos = objectives(given, own, Float64Array.from(weights));
        for (let c = 0; c < dimensions; c++) expect(reached[c]).to.be.at.most(Math.max(least[c], nengos[c]) * (1 + 1e-4));
        const counts = (value: unknown): number[] => (Array.isArray(value) ? (value as number[]) : [value as number]);
        counts(solution.info["iterations"]).forEach((count, c) => expect(count).to.be.closeTo(counts(iterations)[c], 2));
      });
    }

    const small = problem(0);
    const twice = { ...small, targets: Float64Array.from(small.targets, (v, k) => (k % 2 === 0 ? v : small.targets[k - 1])) };

    it("start where they are told, and say where that does not fit", () => {
      const exact = new Cholesky().minimize(small, 12).weights;
      const X0 = { shape: [3, 2], data: exact };
      for (const count of new solvers.Conjgrad({ X0, tol: 1e-6 }).minimize(small, 12).info["iterations"] as number[])
        expect(count).to.be.at.most(1);
      for (const method of [new solvers.Conjgrad({ X0: [[1, 2]] }), new solvers.BlockConjgrad({ X0: [[1, 2]] })])
        expect(() => method.minimize(small, 1)).to.throw(
          ShapeError,
          `${method.type}.X0: expected shape [3, 2], neurons by dimensions, got [1, 2].`,
        );
    });

    it("zero targets give zero weights", () => {
      const silent = { ...small, targets: new Float64Array(10) };
      for (const method of ["Conjgrad", "BlockConjgrad", "ConjgradScipy", "LSMRScipy", "SVD"])
        expect(make<LeastSquares>(solvers, method, {}).minimize(silent, 12).weights).to.deep.equal(new Float64Array(6));
    });

    it("say what they cannot do", () => {
      const each = new Float64Array(3).fill(1);
      for (const method of [new solvers.SVD(), new solvers.LSMRScipy(), new solvers.RandomizedSVD()])
        expect(() => method.minimize(small, each)).to.throw(
          ValidationError,
          `${method.type}.sigma: expected one regularisation for all neurons, got one a neuron.`,
        );
      expect(() => new solvers.RandomizedSVD({ nComponents: 1, nOversamples: 1 }).minimize(small, 1)).to.throw(
        ValidationError,
        "RandomizedSVD.rng: expected a RandomState to draw directions from, got undefined.",
      );
      expect(() => new solvers.BlockConjgrad().minimize(twice, 12)).to.throw(
        BuildError,
        "Take new Conjgrad(), which takes one column at a time.",
      );
      expect(() => new solvers.ConjgradScipy({ tol: 1e-300, atol: 0 }).minimize(problem(3), 0)).to.throw(BuildError, "Raise tol");
    });

    it("solve the connections of a network", () => {
      const reached = ["Cholesky", "SVD", "Conjgrad", "BlockConjgrad", "ConjgradScipy", "LSMRScipy", "RandomizedSVD"].map((type) => {
        const net = new Network({ seed: 1 });
        const ensemble = net.ensemble(30, 1);
        const output = net.node({ sizeIn: 1 });
        const solver = new LstsqL2({ solver: make<LeastSquares>(solvers, type, {}) });
        const connection = net.connect(ensemble, output, { solver });
        const { weights } = new Simulator(net, { progressBar: false }).data.get(connection);
        return weights!.data;
      });
      for (const weights of reached.slice(1)) expectClose(weights, reached[0], 0.02 * largest(Array.from(reached[0])));
    });
  });

  describe("LstsqL1", () => {
    for (const { problem: index, options, weights } of expected.lstsqL1) {
      const { points, neurons, dimensions } = expected.problems[index];
      it(`meets the optimality conditions: ${points} points, ${neurons} neurons, ${JSON.stringify(options)}`, () => {
        const given = problem(index);
        const solution = new LstsqL1(options).solve(given);
        const highest = largest(Array.from(given.activities));
        const [a, b] = [(options.l1 ?? 1e-4) * highest, (options.l2 ?? 1e-6) * highest ** 2];
        const slopes = slopesOf(given, solution.weights);
        for (let i = 0; i < neurons; i++) {
          for (let c = 0; c < dimensions; c++) {
            const x = solution.weights[i * dimensions + c];
            const slope = slopes[i * dimensions + c] / points - b * x;
            // -slope is a subgradient of a |x|: a sign(x), or anything up to a in size where x is 0.
            if (x === 0) expect(Math.abs(slope)).to.be.at.most(a * (1 + 1e-9) + 1e-9);
            else expect(slope).to.be.closeTo(a * Math.sign(x), 1e-7);
          }
        }
        const cost = (x: ArrayLike<number>): number =>
          Array.from({ length: neurons * dimensions }, (_, k) => a * Math.abs(x[k]) + (b * x[k] ** 2) / 2).reduce((s, v) => s + v) +
          squaredErrors(given, Float64Array.from(x)).reduce((s, v) => s + v) / (2 * points);
        // scikit-learn, which Nengo calls, stops before the minimum.
        expect(cost(solution.weights)).to.be.within(cost(weights) * (1 - 1e-2), cost(weights) * (1 + 1e-9));
      });
    }

    it("sets more weights to 0 the higher l1, and all in the end", () => {
      const zeros = [1e-4, 1e-3, 1e-2, 10].map((l1) => new LstsqL1({ l1 }).solve(problem(1)).weights.filter((w) => w === 0).length);
      expect(zeros).to.deep.equal(zeros.toSorted((a, b) => a - b));
      expect(zeros.at(-1)).to.equal(36);
      expect(zeros[0]).to.be.below(zeros[2]);
    });

    it("says how far it is off where it may not go on", () => {
      const { info } = new LstsqL1({ maxIter: 1 }).solve(problem(2));
      expect(Math.max(...(info["violations"] as number[]))).to.be.above(1e-6);
      expect(info["iterations"]).to.deep.equal([1, 1, 1]);
    });

    it("needs a penalty", () => {
      expect(() => new LstsqL1({ l1: 0, l2: 0 }).solve(problem(0))).to.throw(BuildError, "Take new Lstsq()");
    });
  });

  describe("NoSolver", () => {
    it("gives zeros, or its values as a copy", () => {
      expect(new NoSolver().needsActivities).to.equal(false);
      expect(new NoSolver().solve({ neurons: 3, dimensions: 2 }).weights).to.deep.equal(new Float64Array(6));
      const known = new NoSolver({
        values: [
          [1, 2],
          [3, 4],
        ],
      });
      known.solve({ neurons: 2, dimensions: 2 }).weights[0] = 9;
      expect(known.solve({ neurons: 2, dimensions: 2 }).weights).to.deep.equal(Float64Array.of(1, 2, 3, 4));
    });

    it("refuses values of another shape", () => {
      expect(() => new NoSolver({ values: [1, 2] })).to.throw(
        ShapeError,
        "NoSolver.values: expected an array [neurons, size], got shape [2].",
      );
      expect(() => new NoSolver({ values: [[1], [2]] }).solve({ neurons: 3, dimensions: 1 })).to.throw(
        ShapeError,
        "NoSolver.values: expected shape [3, 1], neurons by size, got shape [2, 1].",
      );
    });
  });
});
