import { ConversionError, describe } from "../../errors.ts";
import { camel, isObject } from "./plain.ts";
import { registered } from "./registry.ts";

/** Names that Keras or older versions of it give to initialisers, and tfjs's. */
const INITIALIZERS: Readonly<Record<string, string>> = {
  LecunNormal: "LeCunNormal",
  LecunUniform: "LeCunUniform",
  OrthogonalInitializer: "Orthogonal",
  IdentityInitializer: "Identity",
};

const pascal = (name: string) => (/^[A-Z]/.test(name) ? name : camel(name).replace(/^./, (letter) => letter.toUpperCase()));

const split = (value: unknown) =>
  typeof value === "string"
    ? { className: pascal(value), config: {} }
    : isObject(value) && typeof value.class_name === "string"
      ? { className: value.class_name.split(">").at(-1) ?? "", config: isObject(value.config) ? value.config : {} }
      : null;

/**
 * An initialiser for tfjs. One that tfjs does not know becomes zeros: the file's weights take its place before anyone sees them, and
 * it would only count for a new model made of this one's config.
 */
export function initializer(value: unknown): unknown {
  const found = split(value);
  if (found === null) return undefined;
  const className = INITIALIZERS[found.className] ?? found.className;
  if (!registered(className)) return { className: "Zeros", config: {} };
  const { distribution, seed, ...rest } = found.config;
  const config: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).map(([key, part]) => [camel(key), typeof part === "string" ? camel(part) : part]),
  );
  if (typeof seed === "number") config.seed = seed;
  if (typeof distribution === "string") config.distribution = distribution === "untruncated_normal" ? "normal" : camel(distribution);
  return { className, config };
}

/** A regulariser for tfjs, which has one class for both norms. */
export function regularizer(value: unknown, where: string): unknown {
  if (value === null || value === undefined) return undefined;
  const found = split(value);
  const number = (key: string) => (typeof found?.config[key] === "number" ? found.config[key] : 0);
  switch (found?.className) {
    case "L1L2":
    case "L1":
    case "L2":
      return { className: "L1L2", config: { l1: number("l1"), l2: number("l2") } };
    default:
      return own(found, value, where, "a regularizer");
  }
}

/** A constraint for tfjs. */
export function constraint(value: unknown, where: string): unknown {
  if (value === null || value === undefined) return undefined;
  return own(split(value), value, where, "a constraint");
}

function own(found: ReturnType<typeof split>, value: unknown, where: string, what: string) {
  if (found === null || !registered(found.className)) {
    throw new ConversionError({
      owner: where,
      expected: `${what} that tfjs knows`,
      got: found?.className ?? describe(value),
      fix: "Register a class of that name by tf.serialization.registerClass, or save the model without it",
    });
  }
  return { className: found.className, config: Object.fromEntries(Object.entries(found.config).map(([key, part]) => [camel(key), part])) };
}
