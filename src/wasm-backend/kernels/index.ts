import type { Kernel } from "../kernel.ts";
import { batchMatMul } from "./batchMatMul.ts";
import { cast } from "./cast.ts";
import { comparisonKernels } from "./comparisons.ts";
import { concat } from "./concat.ts";
import { conv2D, fusedConv2D } from "./conv2D.ts";
import { conv2DBackpropFilter } from "./conv2DBackpropFilter.ts";
import { conv2DBackpropInput } from "./conv2DBackpropInput.ts";
import { conv3DBackpropFilter, conv3DBackpropInput } from "./conv3DBackprops.ts";
import { depthwiseBackpropFilter, depthwiseBackpropInput } from "./depthwiseBackprops.ts";
import { depthwiseConv2D, fusedDepthwiseConv2D } from "./depthwiseConv2D.ts";
import { einsum } from "./einsum.ts";
import { fusedMatMul } from "./fusedMatMul.ts";
import { gatherV2 } from "./gatherV2.ts";
import { identity } from "./identity.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "./pools.ts";
import { slice } from "./slice.ts";
import { splitV } from "./splitV.ts";
import { mean, sum } from "./sums.ts";
import { tile } from "./tile.ts";
import { unaryKernels } from "./unary.ts";
import { unpack } from "./unpack.ts";
import { unsortedSegmentSum } from "./unsortedSegmentSum.ts";

/** All kernels of the completed backend. */
export const kernels: readonly Kernel[] = [
  batchMatMul,
  fusedMatMul,
  conv2D,
  fusedConv2D,
  conv2DBackpropFilter,
  conv2DBackpropInput,
  conv3DBackpropFilter,
  conv3DBackpropInput,
  depthwiseConv2D,
  fusedDepthwiseConv2D,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  unsortedSegmentSum,
  einsum,
  slice,
  unpack,
  splitV,
  maxPool,
  avgPool,
  maxPoolGrad,
  avgPoolGrad,
  gatherV2,
  concat,
  tile,
  identity,
  cast,
  sum,
  mean,
  ...unaryKernels,
  ...comparisonKernels,
];
