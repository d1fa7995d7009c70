import { ValidationError, describe } from "./errors.ts";
import { isNdArray, toNested } from "./math/ndarray.ts";

/** What a member of a family (neuron type, synapse, distribution, ...) is called in files and saved models. */
export interface DeclaredClass {
  readonly type: string;
  /** Names of the parameters, in declaration order; each is an option of the constructor and a field. */
  readonly parameters: readonly string[];
}

/**
 * An immutable value object with one options argument: `new LIF({tauRc: 0.02})`. Equal parameters make equal objects;
 * `toJSON` gives `{type, ...parameters}`, from which `new nengo[type](parameters)` makes the same object again.
 */
export abstract class Declared {
  static readonly type: string = "";
  static readonly parameters: readonly string[] = [];

  protected constructor(options: object) {
    const { parameters } = this.declaration;
    if (typeof options !== "object" || options === null) {
      throw new ValidationError({
        owner: this.type,
        expected: "one options object",
        got: describe(options),
        fix: `Write new ${this.type}({${parameters.join(", ")}})`,
      });
    }
    for (const key of Object.keys(options)) {
      if (key !== "type" && !parameters.includes(key)) {
        throw new ValidationError({
          owner: this.type,
          parameter: key,
          expected: parameters.length === 0 ? "no parameter" : `one of ${parameters.join(", ")}`,
          got: JSON.stringify(key),
          fix: "Remove or rename it",
        });
      }
    }
  }

  get declaration(): DeclaredClass {
    return this.constructor as unknown as DeclaredClass;
  }

  /** The name of the class, safe against minifiers. */
  get type(): string {
    return this.declaration.type;
  }

  /** `{type, ...parameters}`, nested members alike; functions stand as they are. */
  toJSON(): { type: string } & Record<string, unknown> {
    const out: { type: string } & Record<string, unknown> = { type: this.type };
    for (const name of this.declaration.parameters) out[name] = plain((this as unknown as Record<string, unknown>)[name]);
    return out;
  }

  /** Same class and same parameters. */
  equals(other: unknown): boolean {
    if (this === other) return true;
    if (!(other instanceof Declared) || other.constructor !== this.constructor) return false;
    return same(this.toJSON(), other.toJSON());
  }

  /** The class with its parameters, for people. */
  toString(): string {
    return `${this.type}(${this.declaration.parameters.map((p) => `${p}=${JSON.stringify(plain((this as unknown as Record<string, unknown>)[p]))}`).join(", ")})`;
  }
}

/** Freezes a finished object; in a base class's constructor it does nothing, so that a subclass may still add fields. */
export function freeze(object: Declared, target: unknown, own: unknown): void {
  if (target === own) Object.freeze(object);
}

function plain(value: unknown): unknown {
  if (value instanceof Declared) return value.toJSON();
  if (isNdArray(value)) return toNested(value.data, value.shape);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, plain(v)]));
  }
  return value;
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length && keys.every((k) => k in y && same(x[k], y[k]));
}

/** Limits of a number: `min`/`max` inclusive, `above`/`below` exclusive. */
export interface Limits {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** Checks a finite number within limits; returns it. */
export function checkNumber(owner: string, parameter: string, value: unknown, limits: Limits = {}): number {
  const { min, max, above, below } = limits;
  const wanted = [
    min === undefined ? "" : `>= ${min}`,
    above === undefined ? "" : `> ${above}`,
    max === undefined ? "" : `<= ${max}`,
    below === undefined ? "" : `< ${below}`,
  ].filter((s) => s !== "");
  const ok =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (above === undefined || value > above) &&
    (max === undefined || value <= max) &&
    (below === undefined || value < below);
  if (!ok)
    throw new ValidationError({ owner, parameter, expected: `a finite number ${wanted.join(" and ")}`.trimEnd(), got: describe(value) });
  return value;
}

/** Checks an integer within limits; returns it. */
export function checkInteger(owner: string, parameter: string, value: unknown, limits: Limits = {}): number {
  if (!Number.isInteger(value)) throw new ValidationError({ owner, parameter, expected: "an integer", got: describe(value) });
  return checkNumber(owner, parameter, value, limits);
}

/** Checks a boolean; returns it. */
export function checkBoolean(owner: string, parameter: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new ValidationError({ owner, parameter, expected: "true or false", got: describe(value) });
  return value;
}

/** Checks one of a few strings; returns it. */
export function checkChoice<T extends string>(owner: string, parameter: string, value: unknown, choices: readonly T[]): T {
  if (!choices.includes(value as T))
    throw new ValidationError({
      owner,
      parameter,
      expected: `one of ${choices.map((c) => JSON.stringify(c)).join(", ")}`,
      got: describe(value),
    });
  return value as T;
}

/** Largest seed that NumPy's RandomState takes. */
export const MAX_SEED = 2 ** 32 - 1;

/** Checks a seed (null or an integer in 0..2^32-1); returns it. */
export function checkSeed(owner: string, value: unknown): number | null {
  return value === null || value === undefined ? null : checkInteger(owner, "seed", value, { min: 0, max: MAX_SEED });
}
