export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly repeats: number;
}

/** What one process measured of one workload; seconds. Runs are 1000 steps (one step for `step`, one call of fit for training). */
export interface Measurement {
  readonly peer: string;
  readonly engine: string;
  readonly dtype: string;
  /** Items; 0: without a batch axis. */
  readonly batch: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly build: number;
  /** Once code is warm. */
  readonly buildWarm?: number;
  readonly firstRun: number;
  readonly run: Summary;
  /** Resident bytes at the end. */
  readonly memory?: number;
}

/** Smallest and middle of some times. */
export function summary(times: readonly number[]): Summary {
  const sorted = [...times].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], repeats: sorted.length };
}

/** Seconds that something takes. */
export async function seconds(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}
