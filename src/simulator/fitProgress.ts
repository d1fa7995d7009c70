import type { CustomCallbackArgs } from "@tensorflow/tfjs-layers";
import { createProgress } from "#terminal";

/** Epoch, loss and ms a batch on a terminal. */
export function fitProgress(batches: number, steps: number, epochs: number, enabled: boolean): CustomCallbackArgs {
  const bar = createProgress("fit", batches * epochs, enabled);
  const start = performance.now();
  let done = 0;
  let note = "";
  let epoch = 0;
  const perStep = (): string => `${((performance.now() - start) / Math.max(1, done) / steps).toFixed(3)} ms a step`;
  return {
    onEpochBegin: (index) => {
      epoch = index + 1;
    },
    onBatchEnd: (_batch, logs) => {
      done++;
      bar.update(
        done,
        `epoch ${epoch}/${epochs} ${note === "" ? `loss ${Number(logs?.["loss"] ?? NaN).toExponential(2)}` : note} ${perStep()}`,
      );
    },
    onEpochEnd: (_epoch, logs) => {
      note = Object.entries(logs ?? {})
        .map(([key, v]) => `${key} ${Number(v).toExponential(2)}`)
        .join(" ");
    },
    onTrainEnd: () => bar.finish(`${note} ${perStep()}`),
  };
}
