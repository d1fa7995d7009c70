export { Subtract } from "./subtract.ts";
export { BatchNormalization } from "./batchNormalization.ts";
export { Cropping1D } from "./cropping1D.ts";
export { Cropping3D } from "./cropping3D.ts";
export { ZeroPadding1D } from "./zeroPadding1D.ts";
export { ZeroPadding3D } from "./zeroPadding3D.ts";
export { UpSampling1D } from "./upSampling1D.ts";
export { UpSampling3D } from "./upSampling3D.ts";
export { BilinearUpSampling2D } from "./bilinearUpSampling2D.ts";
export {
  GlobalAveragePooling3D,
  GlobalMaxPooling3D,
  NengoGlobalAveragePooling1D,
  NengoGlobalAveragePooling2D,
  NengoGlobalMaxPooling1D,
  NengoGlobalMaxPooling2D,
} from "./globalPooling.ts";
export { GroupedConv1D, GroupedConv2D } from "./groupedConvolution.ts";
export { DepthwiseConv1D, DilatedDepthwiseConv2D } from "./depthwiseConvolution.ts";
export { SeparableConv1D, SeparableConv2D } from "./separableConvolution.ts";
export { Conv1DTranspose } from "./conv1DTranspose.ts";
export { ReLU } from "./reLU.ts";
export { ELU } from "./eLU.ts";
export { SpatialDropout2D, SpatialDropout3D } from "./spatialDropout.ts";
export { Rescaling } from "./rescaling.ts";
export { Normalization } from "./normalization.ts";
export { GRU, GRUCell } from "./gRU.ts";
export { Exponential, HardSigmoidKeras3, HardSilu, LeakyRelu, LogSigmoid } from "./activations.ts";
