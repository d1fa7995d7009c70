export type { ActivityRegularizer, Target } from "./activityRegularizer.ts";
export { percentile, type PercentileOptions } from "./percentile.ts";
export { l1, l1l2, l2, ranged, type L1L2Options, type L1Options, type L2Options, type RangedOptions } from "./regularizers.ts";
