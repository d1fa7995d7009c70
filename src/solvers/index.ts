export { Cholesky } from "./cholesky.ts";
export { LstsqL2 } from "./lstsqL2.ts";
export { NoSolver } from "./noSolver.ts";
