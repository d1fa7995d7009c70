import { ValidationError } from "../errors.ts";

/** @throws ValidationError where tfjs hands a mask to a layer for which every step counts */
export function refuseMask(
  owner: string,
  { mask }: Record<string, unknown>,
  why: { readonly expected: string; readonly fix: string },
): void {
  if (mask === undefined || mask === null || [mask].flat().every((m) => m === null)) return;
  throw new ValidationError({ owner, parameter: "mask", got: "one", ...why });
}
