import { ValidationError, describe } from "../errors.ts";
import type { Ensemble } from "./ensemble.ts";
import { checkIndex, composed, fullRange, indexAt, indicesPicked, indicesSliced, type IndexSet } from "./indexSet.ts";
import type { LearningRule } from "./learningRule.ts";
import type { Neurons } from "./neurons.ts";
import type { Node } from "./node.ts";
import { Named } from "./objectName.ts";

/** What a view looks at. */
export type ViewTarget = Ensemble | Neurons | Node | LearningRule;

/** Components of an object, as input and as output; null where an index is out of range on that side. */
interface Selection {
  readonly target: ViewTarget;
  readonly indicesIn: IndexSet | null;
  readonly indicesOut: IndexSet | null;
}

/** An object with components that may be connected or probed one by one. */
export abstract class Viewable extends Named {
  /** How many numbers it takes at a step. */
  abstract readonly sizeIn: number;
  /** How many numbers it gives at a step. */
  abstract readonly sizeOut: number;

  /**
   * One component; a negative index counts from the end.
   * @throws ValidationError if there is no such component.
   */
  at(index: number): View {
    checkIndex(String(this), "at", index);
    return this.view("at", index, (size) => indexAt(size, index));
  }

  /** Components as Python's `[start:stop:step]` picks them; what is left out or null takes Python's default. */
  slice(start: number | null = null, stop: number | null = null, step = 1): View {
    for (const bound of [start, stop]) if (bound !== null) checkIndex(String(this), "slice", bound);
    if (checkIndex(String(this), "slice", step) === 0)
      throw new ValidationError({ owner: String(this), parameter: "slice", expected: "a step other than 0", got: "0" });
    return this.view("slice", start, (size) => indicesSliced(size, start, stop, step));
  }

  /**
   * Components in the order listed, repeats allowed; a negative index counts from the end.
   * @throws ValidationError if one of them does not exist.
   */
  pick(indices: ArrayLike<number>): View {
    if (!Array.isArray(indices) && !ArrayBuffer.isView(indices)) {
      throw new ValidationError({ owner: String(this), parameter: "pick", expected: "an array of indices", got: describe(indices) });
    }
    const list = Array.from(indices as ArrayLike<number>, (index) => checkIndex(String(this), "pick", index));
    return this.view("pick", list, (size) => indicesPicked(size, list));
  }

  /** Itself as a selection; a view overrides it. */
  protected selection(): Selection {
    return { target: this as unknown as ViewTarget, indicesIn: fullRange(this.sizeIn), indicesOut: fullRange(this.sizeOut) };
  }

  private view(method: string, asked: unknown, resolve: (size: number) => IndexSet | null): View {
    const { target, ...whole } = this.selection();
    const within = (outer: IndexSet | null): IndexSet | null => {
      const inner = outer === null ? null : resolve(outer.size);
      return outer === null || inner === null ? null : composed(outer, inner);
    };
    const indicesIn = within(whole.indicesIn);
    // Lists may be as long as an image has pixels.
    const indicesOut = alike(whole.indicesIn, whole.indicesOut) ? indicesIn : within(whole.indicesOut);
    if (indicesIn === null && indicesOut === null) {
      const size = Math.max(this.sizeIn, this.sizeOut);
      throw new ValidationError({
        owner: String(this),
        parameter: method,
        expected: size === 0 ? "no index, for its size is 0" : `indices from ${-size} to ${size - 1}`,
        got: describe(asked),
      });
    }
    return new View(target, indicesIn, indicesOut);
  }
}

/** Whether both are the same, as far as can be told without looking at lists. */
const alike = (a: IndexSet | null, b: IndexSet | null): boolean =>
  a === b || (a?.kind === "range" && b?.kind === "range" && a.start === b.start && a.step === b.step && a.length === b.length);

/** Some components of an ensemble, of neurons, of a node or of a learning rule, to connect to or from, or to probe. */
export class View extends Viewable {
  readonly target: ViewTarget;
  /** The components as input of the target; null where an index is out of range there. */
  readonly indicesIn: IndexSet | null;
  /** The components as output of the target; null where an index is out of range there. */
  readonly indicesOut: IndexSet | null;

  constructor(target: ViewTarget, indicesIn: IndexSet | null, indicesOut: IndexSet | null) {
    super();
    this.target = target;
    this.indicesIn = indicesIn;
    this.indicesOut = indicesOut;
  }

  /** The components; of a Node whose input and output differ in size, those of the output where it has them. */
  get indices(): IndexSet {
    const [first, second] = this.target.sizeOut > 0 ? [this.indicesOut, this.indicesIn] : [this.indicesIn, this.indicesOut];
    return (first ?? second)!;
  }
  override get sizeIn(): number {
    return this.indicesIn?.size ?? 0;
  }
  override get sizeOut(): number {
    return this.indicesOut?.size ?? 0;
  }

  /** Name for messages. */
  override toString(): string {
    return `${this.target.toString()}${this.indices.toString()}`;
  }

  protected override selection(): Selection {
    return this;
  }
}
