export { product, productScratch } from "./product";
export { convolution, convolutionFilterGradient, convolutionInputGradient, convolutionScratch } from "./convolution";
export { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise";
export { copyRows, gatherRows, zeroRow as zero } from "./rows";
export { addToRows, segmentSum, sumRows } from "./sums";
export { elu, exp, expm1, leakyRelu, log, log1p, relu, relu6, rsqrt, selu, sigmoid, softplus, sqrt, tanh } from "./elementwise";
export { averagePoolGradient, maxPoolGradient } from "./pool";
export { choose, compare, extreme, logicalAnd, logicalOr } from "./logic";
