import type { Optimizer, Tensor } from "@tensorflow/tfjs-core";
import { metrics as tfMetrics } from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../errors.ts";

/** A loss or metric: its tfjs name, or a function of targets and outputs; a tensor of any rank stands for its mean. */
export type LossOrMetric = string | ((yTrue: Tensor, yPred: Tensor) => Tensor);

/** One value for all outputs, an array in the order of the outputs (`null` for none), or values by output name. */
export type PerOutput<T> = T | readonly (T | null)[] | Readonly<Record<string, T>>;

/** Arguments of {@link NengoModel.compile}. */
export interface CompileArgs {
  /** Without one the model evaluates, but does not fit. */
  readonly optimizer?: string | Optimizer;
  /** Outputs without a loss are neither trained nor need targets. */
  readonly loss: PerOutput<LossOrMetric>;
  /** A metric or an array of them for every output that has a loss, or metrics by output name. */
  readonly metrics?: LossOrMetric | readonly LossOrMetric[] | Readonly<Record<string, LossOrMetric | readonly LossOrMetric[]>>;
  /** Factors of the losses in the total loss; 1 where not given. */
  readonly lossWeights?: PerOutput<number>;
}

/** Losses, metrics and weights of every output, in the order of the outputs. */
export interface Objective {
  readonly losses: readonly (LossOrMetric | undefined)[];
  readonly metrics: readonly (readonly LossOrMetric[])[];
  readonly weights: readonly number[];
}

const OWNER = "NengoModel.compile";

/** Reads the arguments of `compile` for a model with these output names; throws a ValidationError for what does not fit them. */
export function objectiveOf(args: CompileArgs, outputNames: readonly string[]): Objective {
  const losses = perOutput("loss", args.loss, outputNames, isLossOrMetric, "a loss name or function");
  if (losses.every((loss) => loss === undefined)) {
    throw new ValidationError({
      owner: OWNER,
      parameter: "loss",
      expected: "a loss for at least one output",
      got: describe(args.loss),
      fix: `Outputs are ${outputNames.join(", ")}`,
    });
  }
  const given = perOutput("lossWeights", args.lossWeights, outputNames, isFinite, "a finite number");
  const idle = given.findIndex((weight, i) => weight !== undefined && losses[i] === undefined);
  if (idle >= 0 && typeof args.lossWeights === "object" && !Array.isArray(args.lossWeights)) {
    throw new ValidationError({
      owner: OWNER,
      parameter: "lossWeights",
      expected: "weights of outputs that have a loss",
      got: describe(outputNames[idle]),
      fix: "Give that output a loss or remove its weight",
    });
  }
  return { losses, metrics: metricsOf(args.metrics, losses, outputNames), weights: given.map((weight) => weight ?? 1) };
}

function metricsOf(metrics: CompileArgs["metrics"], losses: Objective["losses"], outputNames: readonly string[]): LossOrMetric[][] {
  if (isLossOrMetric(metrics) || Array.isArray(metrics)) {
    const all = [metrics].flat() as LossOrMetric[];
    return losses.map((loss) => (loss === undefined ? [] : all));
  }
  const isMetrics = (value: unknown): value is LossOrMetric | LossOrMetric[] => [value].flat().every(isLossOrMetric);
  return perOutput("metrics", metrics, outputNames, isMetrics, "metric names or functions").map((one) =>
    one === undefined ? [] : [one].flat(),
  );
}

function perOutput<T>(
  parameter: string,
  value: unknown,
  names: readonly string[],
  isOne: (value: unknown) => value is T,
  expected: string,
): (T | undefined)[] {
  const fail = (wanted: string, got: unknown, fix?: string): never => {
    throw new ValidationError({ owner: OWNER, parameter, expected: wanted, got: describe(got), ...(fix === undefined ? {} : { fix }) });
  };
  const check = (one: unknown): T | undefined => (one === null || one === undefined ? undefined : isOne(one) ? one : fail(expected, one));
  if (value === null || value === undefined) return names.map(() => undefined);
  if (Array.isArray(value)) {
    if (value.length !== names.length)
      fail(`one entry for each of the ${names.length} outputs`, value, "Use null for none, or name the outputs in an object");
    return value.map(check);
  }
  if (typeof value !== "object") return names.map(() => check(value));
  for (const name of Object.keys(value))
    if (!names.includes(name)) fail(`one of the output names ${names.join(", ")}`, name, "Rename or remove it");
  return names.map((name) => check((value as Record<string, unknown>)[name]));
}

const isLossOrMetric = (value: unknown): value is LossOrMetric => typeof value === "string" || typeof value === "function";
const isFinite = (value: unknown): value is number => Number.isFinite(value);

const named: Readonly<Record<string, LossOrMetric | undefined>> = { ...tfMetrics };

/** What tfjs's `compile` takes for a metric: it does not know all of tf.metrics by name. */
export const metricFunction = (metric: LossOrMetric): LossOrMetric => (typeof metric === "string" ? (named[metric] ?? metric) : metric);

/** What a metric is called in `metricsNames` and histories, as in tfjs. */
export function metricName(metric: LossOrMetric): string {
  if (typeof metric === "function") return (nameOf(metric) ?? metric.name) || "metric";
  return { accuracy: "acc", crossentropy: "ce" }[metric] ?? metric;
}

/** The name under which a loss or metric is found again; a user's own function has none and throws. */
export function savedName(value: LossOrMetric): string {
  const name = typeof value === "string" ? value : nameOf(value);
  if (name === undefined) {
    throw new ValidationError({
      owner: "NengoModel.save",
      parameter: "includeOptimizer",
      expected: "losses and metrics given by name",
      got: describe(value),
      fix: "Save without includeOptimizer and compile again after loading",
    });
  }
  return name;
}

const nameOf = (value: LossOrMetric): string | undefined => Object.entries(named).find(([, metric]) => metric === value)?.[0];
