/** Per cent of items whose label is where the largest number of their row is; rows of `outputs` are equally long. */
export function accuracyOf(outputs: ArrayLike<number>, labels: Uint8Array): number {
  const classes = outputs.length / labels.length;
  const right = labels.filter((label, i) => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (outputs[i * classes + k] > outputs[i * classes + best]) best = k;
    return best === label;
  });
  return (100 * right.length) / labels.length;
}

/** The same by the outputs of every step, of outputs `[items, steps, classes]`. */
export function accuracyBySteps(outputs: ArrayLike<number>, steps: number, labels: Uint8Array): Float64Array {
  const classes = outputs.length / labels.length / steps;
  const row = (item: number, step: number) => (item * steps + step) * classes;
  return Float64Array.from({ length: steps }, (_, step) => {
    const ofStep = { length: labels.length * classes };
    return accuracyOf(
      Float32Array.from(ofStep, (_value, k) => outputs[row(Math.floor(k / classes), step) + (k % classes)]),
      labels,
    );
  });
}
