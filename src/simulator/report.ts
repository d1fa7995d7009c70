import type { BuiltNetwork } from "../build/build.ts";
import { ScatteredHypersphere, TABLED_DIMENSIONS } from "../distributions/scatteredHypersphere.ts";
import type { ChosenEngine } from "../engines/choose.ts";
import type { Dtype, EngineName } from "../engines/engine.ts";
import type { NengoLayer } from "../layers/nengoLayer.ts";
import { PES } from "../learning/index.ts";
import { Ensemble, objectName } from "../network/index.ts";
import { rulesOf } from "../network/learningRules.ts";
import type { Runner } from "./runner.ts";

/** Which path runs, and what a user should know about it. */
export interface SimulatorReport {
  readonly engine: EngineName;
  readonly dtype: Dtype;
  /** How the model (fit, evaluate, predict) runs in each phase; null before it is used. */
  readonly model: { readonly inference: string; readonly training: string } | null;
  /** What is slow, or stops gradients. */
  readonly notes: readonly string[];
  /** The report as lines of text. */
  readonly toString: () => string;
}

export function makeReport({
  built,
  chosen,
  runner,
  dtype,
  layer,
}: {
  built: BuiltNetwork;
  chosen: ChosenEngine;
  runner: Runner;
  dtype: Dtype;
  layer: NengoLayer | null;
}): SimulatorReport {
  // Nodes made since the simulator was are not part of it.
  const nodes = built.network.allNodes.filter((node) => built.seeds.has(node));
  const functions = nodes.filter((node) => node.kind === "function" && node.sizeIn > 0).map((node) => objectName(node));
  const rules = built.network.allConnections.filter((c) => built.seeds.has(c)).flatMap((c) => rulesOf(c).map((rule) => objectName(rule)));
  const notes = [
    ...chosen.notes,
    ...remarks(built),
    ...functions.map((name) => `${name} is a JavaScript function, called at every step and item; gradients stop there`),
    ...rules.map((name) => `${name} learns while the network runs; no gradient goes through it, and what it changes does not train`),
    ...runner.through.map((name) => `${name} is a tensor node in a loop, so the network runs step by step, which is slow`),
    ...(runner.hasTensors ? ["tensor nodes compute in float32"] : []),
  ];
  const model =
    layer === null ? null : { inference: layer.tensorProgram("inference").path, training: layer.tensorProgram("training").path };
  const lines = [
    `run: ${chosen.engine.name} engine, ${dtype}`,
    ...(model === null ? [] : [`model: inference by ${model.inference}; training by ${model.training}`]),
    ...notes,
  ];
  return { engine: chosen.engine.name, dtype, model, notes, toString: () => lines.join("\n") };
}

/** What was given and has no effect, or is likely a mistake: Nengo warns of it. */
function remarks({ network, seeds }: BuiltNetwork): string[] {
  const connections = network.allConnections.filter((c) => seeds.has(c));
  const unused = connections.filter(
    ({ solver, preObject, postObject }) => solver.weights && !(preObject instanceof Ensemble && postObject instanceof Ensemble),
  );
  const fast = connections.flatMap(rulesOf).filter(({ learningRuleType: type }) => type instanceof PES && type.learningRate >= 1);
  const points = network.allEnsembles.filter((e) => seeds.has(e) && e.nEvalPoints !== null && "data" in e.evalPoints);
  const tabled = (source: unknown): boolean => source instanceof ScatteredHypersphere && source.method === "sct-approx";
  const wide = network.allEnsembles.filter(
    (e) => seeds.has(e) && e.dimensions > TABLED_DIMENSIONS && (tabled(e.encoders) || tabled(e.evalPoints)),
  );
  return [
    ...wide.map(
      (e) =>
        `${objectName(e)} has more than ${TABLED_DIMENSIONS} dimensions, where points of sct-approx are not Nengo's; take the method "sct"`,
    ),
    ...unused.map((c) => `${objectName(c)} has a solver with weights, which are only solved for between ensembles`),
    ...fast.map((rule) => `${objectName(rule)} has a learning rate of 1 or more, with which it may not settle`),
    ...points.map((e) => `${objectName(e)} has nEvalPoints and evaluation points as an array, which is taken as it is`),
  ];
}
