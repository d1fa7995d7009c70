import { expect } from "chai";
import { BuildError, ShapeError, ValidationError } from "../../src/errors.ts";
import { RandomState } from "../../src/math/random.ts";
import * as solvers from "../../src/solvers/index.ts";
import type { Solver, SolverProblem } from "../../src/solvers/solver.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose } from "../support/numbers.ts";

const { Cholesky, LstsqL2, NoSolver } = solvers;

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
}>("nengo/solvers.json");

const problem = (index: number): SolverProblem => {
  const { activities, targets, ...sizes } = expected.problems[index];
  return { ...sizes, activities: Float64Array.from(activities), targets: Float64Array.from(targets) };
};
const largest = (values: number[]): number => Math.max(...values.map(Math.abs));

describe("solvers", () => {
  describe("contract", () => {
    declaredContract(solvers, {
      Cholesky: [{}, { transpose: true }],
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
      const known = new Set([...expected.others.map(({ solver }) => solver.type), "LstsqL2", "NoSolver", "Cholesky"]);
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
        expectClose(new Cholesky().minimize(problem(index), Float64Array.from(sigma)), weights, 1e-12 * largest(weights));
      });
    }

    it("refuses the dual with a regularisation per neuron", () => {
      expect(() => new Cholesky({ transpose: true }).minimize(problem(0), new Float64Array(3).fill(1))).to.throw(
        ValidationError,
        "Cholesky.transpose: expected false or null where neurons have regularisations of their own, got true.",
      );
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
