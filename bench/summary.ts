/** Smallest and middle of some times. */
export function summary(times: readonly number[]): { min: number; median: number; repeats: number } {
  const sorted = [...times].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], repeats: sorted.length };
}
