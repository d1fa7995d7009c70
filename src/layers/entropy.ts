/** A seed for what was given none: drawn once from the platform's entropy and kept where it can be read. */
export function drawSeed(): number {
  const [seed] = globalThis.crypto.getRandomValues(new Uint32Array(1)) as unknown as [number];
  // Below 2^31, so that seed + 1 and item seeds stay within what the generators take.
  return seed % 2 ** 31;
}
