import { checkBoolean, checkInteger } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";

/** Sizes of an image: spatial axes and channels. */
export interface ChannelShape {
  /** `[...spatial, channels]`, or `[channels, ...spatial]` unless channelsLast. */
  readonly shape: readonly number[];
  readonly channelsLast: boolean;
}

/** What may be given: the sizes alone, or with the place of the channels. */
export type ChannelShapeLike = readonly number[] | { readonly shape: readonly number[]; readonly channelsLast?: boolean };

/** Checks sizes of an image of 1 to 3 spatial axes. */
export function asChannelShape(owner: string, parameter: string, value: unknown, channelsLast: boolean): ChannelShape {
  const given =
    typeof value === "object" && value !== null && "shape" in value ? (value as { shape: unknown; channelsLast?: unknown }) : null;
  const shape: unknown = given === null ? value : given.shape;
  if (!Array.isArray(shape) || shape.length < 2 || shape.length > 4)
    throw new ValidationError({ owner, parameter, expected: "sizes of 1 to 3 spatial axes and of the channels", got: describe(value) });
  shape.forEach((size, axis) => checkInteger(owner, `${parameter}[${axis}]`, size, { min: 1 }));
  const last = checkBoolean(owner, `${parameter}.channelsLast`, given?.channelsLast ?? channelsLast);
  if (last !== channelsLast)
    throw new ValidationError({
      owner,
      parameter,
      expected: `a shape with channelsLast ${channelsLast}, as the transform's`,
      got: `${last}`,
    });
  return Object.freeze({ shape: Object.freeze([...(shape as number[])]), channelsLast });
}

/** The sizes without the channels. */
export const spatialOf = ({ shape, channelsLast }: ChannelShape): readonly number[] => (channelsLast ? shape.slice(0, -1) : shape.slice(1));

/** The number of channels. */
export const channelsOf = ({ shape, channelsLast }: ChannelShape): number => shape[channelsLast ? shape.length - 1 : 0];

/** Sizes of an image from its parts. */
export const channelShape = (spatial: readonly number[], channels: number, channelsLast: boolean): ChannelShape => ({
  shape: channelsLast ? [...spatial, channels] : [channels, ...spatial],
  channelsLast,
});
