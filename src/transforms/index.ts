export { Convolution } from "./convolution.ts";
export { ConvolutionTranspose } from "./convolutionTranspose.ts";
export { Dense } from "./dense.ts";
export { NoTransform } from "./noTransform.ts";
export { Sparse } from "./sparse.ts";
export { SparseMatrix } from "./sparseMatrix.ts";
