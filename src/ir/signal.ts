/** What a trainable (or at least settable) parameter is to its object. */
export type ParameterRole = "scaledEncoders" | "bias" | "weights";

/** Names a signal as a parameter of a network object. */
export interface ParameterInfo {
  readonly role: ParameterRole;
  /** The network object that owns it. */
  readonly owner: object;
  readonly trainable: boolean;
}

export interface SignalOptions {
  readonly shape: readonly number[];
  /** Whether every item of a minibatch has its own value; shared signals are read-only in a forward run. */
  readonly perItem: boolean;
  /** Row-major initial value; zeros where left out. */
  readonly initial?: Float64Array;
  readonly parameter?: ParameterInfo;
}

/** A named block of numbers in a program. Identity is the object's. */
export class Signal {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly perItem: boolean;
  readonly initial: Float64Array | null;
  readonly parameter: ParameterInfo | null;

  constructor(name: string, { shape, perItem, initial, parameter }: SignalOptions) {
    this.name = name;
    this.shape = shape;
    this.size = shape.reduce((a, b) => a * b, 1);
    this.perItem = perItem;
    this.initial = initial ?? null;
    this.parameter = parameter ?? null;
    Object.freeze(this);
  }

  get trainable(): boolean {
    return this.parameter?.trainable ?? false;
  }
}

/** `length` neighbouring elements of a signal. */
export interface Range {
  readonly signal: Signal;
  readonly offset: number;
  readonly length: number;
}

/** All of a signal, or a part of it. */
export const range = (signal: Signal, offset = 0, length = signal.size - offset): Range => ({ signal, offset, length });

/** Element (i0, i1, ...) of an index space is `offset + i0 * strides[0] + i1 * strides[1] + ...` of the signal. */
export interface Operand {
  readonly signal: Signal;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** A range as an operand of a one-dimensional index space; `repeat` reads one element everywhere. */
export const operand = ({ signal, offset }: Range, repeat = false): Operand => ({ signal, offset, strides: [repeat ? 0 : 1] });
