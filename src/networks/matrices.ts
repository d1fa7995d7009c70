/** A matrix by which each of d elements inhibits all others. */
export const othersInhibited = (d: number, scale: number): number[][] =>
  Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => (i === j ? 0 : -scale)));

/** A column of d equal numbers. */
export const column = (d: number, value: number): number[][] => Array.from({ length: d }, () => [value]);
