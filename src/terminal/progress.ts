/** Tells someone who waits how far a long computation is; made by `createProgress` of `#terminal`. */
export interface Progress {
  /** Sets how many of the total are done; cheap enough for every step of a loop. */
  update(done: number, note?: string): void;
  /** Completes and leaves the line; later calls do nothing. */
  finish(note?: string): void;
}

/** Makes a progress bar of `total` units, or a silent one where nobody watches or `enabled` is false. */
export type CreateProgress = (title: string, total: number, enabled: boolean) => Progress;

export const silentProgress: Progress = Object.freeze({ update() {}, finish() {} });
