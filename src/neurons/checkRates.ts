import { ValidationError } from "../errors.ts";

/** @throws ValidationError where a maximum rate is not below `1 / tauRef` */
export function checkBelowRefractory(owner: string, tauRef: number, maxRates: Float64Array): void {
  const limit = 1 / tauRef;
  const tooFast = maxRates.find((r) => !(r < limit));
  if (tooFast === undefined) return;
  throw new ValidationError({
    owner,
    parameter: "maxRates",
    expected: `rates below 1 / tauRef = ${limit} Hz`,
    got: `${tooFast}`,
    fix: "Lower the ensemble's maxRates or tauRef",
  });
}
