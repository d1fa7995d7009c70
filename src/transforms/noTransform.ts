import { checkInteger, freeze } from "../declared.ts";
import { BuildError } from "../errors.ts";
import type { Operator } from "../ir/operators.ts";
import type { NdArray } from "../math/ndarray.ts";
import { Transform } from "./transform.ts";

/** No transform, of a known size: a connection with it is as one with `transform: null`. */
export class NoTransform extends Transform {
  static override readonly type: string = "NoTransform";
  static override readonly parameters: readonly string[] = ["sizeIn"];
  readonly sizeIn: number;

  constructor(options: { readonly sizeIn: number }) {
    super(options);
    this.sizeIn = checkInteger(this.type, "sizeIn", options.sizeIn, { min: 1 });
    freeze(this, new.target, NoTransform);
  }

  override get sizeOut(): number {
    return this.sizeIn;
  }
  /** @throws BuildError, for it has no weights */
  override sample(): NdArray {
    throw new BuildError("NoTransform.sample: expected a transform with weights, got none.");
  }
  override lower(): Operator[] {
    return [];
  }
}
