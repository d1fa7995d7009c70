import { freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import { RegularisedSolver, type LstsqL2Options } from "./regularisedSolver.ts";
import type { Solution, SolverProblem } from "./solver.ts";

/** As LstsqL2, with a regularisation for every neuron: the less the fewer evaluation points it fires at. */
export class LstsqL2nz extends RegularisedSolver {
  static override readonly type: string = "LstsqL2nz";

  constructor(options: LstsqL2Options = {}) {
    super(options);
    freeze(this, new.target, LstsqL2nz);
  }

  override solve(problem: SolverProblem, rng?: RandomState): Solution {
    const { activities, points, neurons } = problem;
    const highest = activities.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const sigma = new Float64Array(neurons);
    for (let p = 0; p < points; p++) for (let i = 0; i < neurons; i++) sigma[i] += Number(activities[p * neurons + i] !== 0);
    sigma.forEach((count, i) => (sigma[i] = this.reg * highest * Math.sqrt(count / points)));
    const largest = sigma.reduce((a, b) => Math.max(a, b), 0);
    // A neuron that never fires is held like the one held most.
    sigma.forEach((v, i) => (sigma[i] = v === 0 ? largest : v));
    return this.solver.minimize(problem, sigma, rng);
  }
}
