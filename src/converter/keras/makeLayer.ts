import type * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError, NengoError, describe } from "../../errors.ts";
import { activationName } from "./activationName.ts";
import { constraint, initializer, regularizer } from "./configObjects.ts";
import { harmless, rules, type Args } from "./layerRules.ts";
import { isModel, layerSpec, title, type LayerSpec } from "./layerSpec.ts";
import { camel, camelConfig, isObject } from "./plain.ts";
import { fromConfig, registered, registeredClass } from "./registry.ts";

/** A layer that was made from a file. */
export interface MadeLayer {
  readonly spec: LayerSpec;
  readonly layer: tfl.layers.Layer;
  /** Layers of a model in the file's order; of a model inside TimeDistributed, that model; none otherwise. */
  readonly inside: readonly MadeLayer[];
}

/** What differs from file to file. */
export interface Dialect {
  /** Whether Keras 3 wrote it: some words have another meaning there. */
  readonly keras3: boolean;
  /** All layers that are made, also those of a model that will not come to be. */
  readonly layers: tfl.layers.Layer[];
  /** Makes a model inside a layer. */
  model(spec: LayerSpec): MadeLayer;
}

/**
 * A layer that is no model, from its description.
 * @param rank - of its input; null where it is not known
 * @throws ConversionError where neither tfjs nor this library has such a layer, or it cannot do what the options say
 */
export function makeLayer(spec: LayerSpec, dialect: Dialect, rank: number | null): MadeLayer {
  if (spec.className === "TimeDistributed") {
    const wrapped = layerSpec(spec.config.layer, `${title(spec)}, inside`);
    if (isModel(wrapped)) return timeDistributedModel(spec, dialect.model(wrapped), dialect);
  }
  const { className, args, checked } = translated(spec, dialect, rank);
  const layer = refusedAs(spec, () => fromConfig(className, structuredClone(args)));
  dialect.layers.push(layer);
  layer.setFastWeightInitDuringBuild(true); // weights are about to be overwritten
  if (checked) checkUnderstood(spec, args, layer);
  return { spec, layer, inside: [] };
}

function timeDistributedModel(spec: LayerSpec, model: MadeLayer, dialect: Dialect): MadeLayer {
  const { layer: _, ...config } = spec.config;
  const args = { ...argsOf({ ...spec, config }, dialect), layer: model.layer };
  const layer = refusedAs(spec, () => new (registeredClass("TimeDistributed"))(args) as tfl.layers.Layer);
  return { spec, layer, inside: [model] };
}

/** Runs what asks tfjs for something; its errors tell of the layer. */
export function refusedAs<T>(spec: LayerSpec, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof NengoError) throw cause;
    throw new ConversionError(
      { owner: title(spec), expected: "a layer that tfjs accepts", got: `its error: ${(cause as Error).message}` },
      { cause, layer: spec.name },
    );
  }
}

function unknown(spec: LayerSpec): ConversionError {
  const name = spec.registeredName ?? spec.className;
  return new ConversionError(
    {
      owner: title(spec),
      expected: "a layer that tfjs or tfjs-nengo knows",
      got: `${name}${spec.className === "Lambda" ? ", whose function is Python code" : ""}`,
      fix: `Write it as a class with static className "${spec.className}" and register it by tf.serialization.registerClass before loading`,
    },
    { layer: spec.name },
  );
}

interface Translated {
  /** Name under which the class is registered. */
  readonly className: string;
  readonly args: Args;
  /** Whether we know what the class understands; of a user's own class we do not. */
  readonly checked: boolean;
}

/** Names that a class of Keras may be registered under: the user's own first. */
const ownNames = (spec: LayerSpec) =>
  [spec.registeredName, spec.registeredName?.split(">").at(-1), spec.className].filter((name) => typeof name === "string");

function translated(spec: LayerSpec, dialect: Dialect, rank: number | null): Translated {
  const rule = rules.get(spec.className);
  if (rule === undefined) {
    const className = ownNames(spec).find(registered);
    if (className === undefined) throw unknown(spec);
    return { className, args: { ...(camelConfig(spec.config) as Args), name: spec.name }, checked: false };
  }
  const args = argsOf(spec, dialect);
  const className = rule(args, title(spec), rank);
  if (!registered(className)) throw unknown(spec);
  return { className, args, checked: true };
}

const INTEGERS = /^u?int\d+$|^bool$/;

/** Arguments of a known class: objects made tfjs's, the rest in camel case. */
function argsOf(spec: LayerSpec, dialect: Dialect): Args {
  const where = title(spec);
  const args: Args = {};
  for (const [key, value] of Object.entries(spec.config)) {
    if (key.endsWith("_initializer")) args[camel(key)] = initializer(value);
    // tfjs refuses layers with an activity regulariser; it would count in training alone
    else if (key === "activity_regularizer" || (key === "backward_layer" && isMirrored(spec.config.layer, value))) continue;
    else if (key.endsWith("_regularizer")) args[camel(key)] = regularizer(value, `${where}.${key}`);
    else if (key.endsWith("_constraint")) args[camel(key)] = constraint(value, `${where}.${key}`);
    else if (key === "activation" || key === "recurrent_activation") args[camel(key)] = activationName(value, dialect.keras3, where);
    else if (key === "dtype") args.dtype = INTEGERS.test(String(value)) ? "int32" : "float32";
    else if (key === "batch_input_shape" || key === "batch_shape") args.batchInputShape = value;
    else if (key === "layer" || key === "cell") args[key] = inner(value, where, dialect);
    else if (key === "cells" && Array.isArray(value)) args[key] = value.map((cell) => inner(cell, where, dialect));
    else args[camel(key)] = camelConfig(value);
  }
  args.name = spec.name;
  return args;
}

/** Config of a layer inside a wrapper or of a cell, for tfjs to make it. */
function inner(value: unknown, where: string, dialect: Dialect): unknown {
  const spec = layerSpec(Array.isArray(value) ? { class_name: "StackedRNNCells", config: { cells: value } } : value, `${where}, inside`);
  const { className, args } = translated(spec, dialect, null);
  return { className, config: args };
}

/** Whether Bidirectional's second layer is the first one backwards, which is what tfjs makes of the first. */
function isMirrored(forward: unknown, backward: unknown): boolean {
  const options = (value: unknown) => {
    if (!isObject(value) || !isObject(value.config)) return null;
    const { name: _, go_backwards: backwards, ...config } = value.config;
    return { backwards: backwards === true, rest: JSON.stringify([value.class_name, config]) };
  };
  const [one, other] = [options(forward), options(backward)];
  return one !== null && other !== null && one.backwards !== other.backwards && one.rest === other.rest;
}

/** No option may get lost: what the layer does not give back in its config, it has not understood. */
function checkUnderstood(spec: LayerSpec, args: Args, layer: tfl.layers.Layer): void {
  const understood = refusedAs(spec, () => layer.getConfig());
  for (const [key, value] of Object.entries(args)) {
    if (key in understood || harmless(key, value)) continue;
    throw new ConversionError(
      {
        owner: title(spec),
        parameter: key,
        expected: `an option that ${layer.getClassName()} of tfjs has`,
        got: isObject(value) ? describe(value.className) : describe(value),
        fix: "Build the model without it, or register a class of your own under another name",
      },
      { layer: spec.name },
    );
  }
}
