export { Cholesky } from "./cholesky.ts";
export { Lstsq } from "./lstsq.ts";
export { LstsqDrop } from "./lstsqDrop.ts";
export { LstsqL2 } from "./lstsqL2.ts";
export { LstsqL2nz } from "./lstsqL2nz.ts";
export { LstsqMultNoise, LstsqNoise } from "./lstsqNoise.ts";
export { Nnls, NnlsL2, NnlsL2nz } from "./nnls.ts";
export { NoSolver } from "./noSolver.ts";
