import { Conv1DTranspose } from "./conv1DTranspose.ts";
import type { CroppingArgs } from "./cropping.ts";
import { Cropping1D } from "./cropping1D.ts";
import { Cropping3D } from "./cropping3D.ts";
import { DepthwiseConv1D } from "./depthwiseConvolution.ts";
import { GlobalAveragePooling3D, GlobalMaxPooling3D, type GlobalPoolingArgs } from "./globalPooling.ts";
import { GroupedConv1D, GroupedConv2D, type GroupedConvArgs } from "./groupedConvolution.ts";
import { Normalization, type NormalizationArgs } from "./normalization.ts";
import { ReLU, type ReLUArgs } from "./reLU.ts";
import { SeparableConv1D } from "./separableConvolution.ts";
import { Subtract } from "./subtract.ts";
import type { ConvArgs, DepthwiseConvArgs, LayerArgs, SeparableConvArgs } from "./support.ts";
import type { UpSamplingArgs } from "./upSampling.ts";
import { UpSampling1D } from "./upSampling1D.ts";
import { UpSampling3D } from "./upSampling3D.ts";
import type { ZeroPaddingArgs } from "./zeroPadding.ts";
import { ZeroPadding1D } from "./zeroPadding1D.ts";
import { ZeroPadding3D } from "./zeroPadding3D.ts";

/** Keras's layers that tfjs lacks, made as tfjs makes its own. */

/** First input less second input. */
export const subtract = (args: LayerArgs = {}) => new Subtract(args);
/** Cuts steps off both ends. */
export const cropping1d = (args?: CroppingArgs) => new Cropping1D(args);
/** Cuts off the ends of three axes of space. */
export const cropping3d = (args?: CroppingArgs) => new Cropping3D(args);
/** Adds steps of zeros at both ends. */
export const zeroPadding1d = (args?: ZeroPaddingArgs) => new ZeroPadding1D(args);
/** Adds zeros at the ends of three axes of space. */
export const zeroPadding3d = (args?: ZeroPaddingArgs) => new ZeroPadding3D(args);
/** Repeats every step. */
export const upSampling1d = (args?: UpSamplingArgs) => new UpSampling1D(args);
/** Repeats every element along three axes of space. */
export const upSampling3d = (args?: UpSamplingArgs) => new UpSampling3D(args);
/** The average of each channel over three axes of space. */
export const globalAveragePooling3d = (args?: GlobalPoolingArgs) => new GlobalAveragePooling3D(args);
/** The largest number of each channel over three axes of space. */
export const globalMaxPooling3d = (args?: GlobalPoolingArgs) => new GlobalMaxPooling3D(args);
/** With `groups`, `padding: "causal"` and channels first, which `tf.layers.conv1d` lacks. */
export const conv1d = (args: GroupedConvArgs) => new GroupedConv1D(args);
/** With `groups`, which `tf.layers.conv2d` lacks. */
export const conv2d = (args: GroupedConvArgs) => new GroupedConv2D(args);
/** A convolution along one axis, channel by channel. */
export const depthwiseConv1d = (args: DepthwiseConvArgs) => new DepthwiseConv1D(args);
/** A depthwise convolution along one axis, then one across channels. */
export const separableConv1d = (args: SeparableConvArgs) => new SeparableConv1D(args);
/** A transposed convolution along one axis. */
export const conv1dTranspose = (args: ConvArgs) => new Conv1DTranspose(args);
/** With threshold and slope, which `tf.layers.reLU` lacks. */
export const reLU = (args?: ReLUArgs) => new ReLU(args);
/** Less the mean, by the standard deviation; fixed or from a file. */
export const normalization = (args?: NormalizationArgs) => new Normalization(args);
