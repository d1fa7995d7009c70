import type { DistOrArray } from "../distributions/distribution.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import type { Solver } from "../solvers/solver.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { asTransform } from "../transforms/asTransform.ts";
import { Dense } from "../transforms/index.ts";
import type { Transform } from "../transforms/transform.ts";
import {
  connectionParameters,
  type ConnectionFunction,
  type ConnectionOptions,
  type FunctionLike,
  type FunctionPoints,
  type TransformGiven,
} from "./connectionParameters.ts";
import { endOf, type Source } from "./connectionEnd.ts";
import { Ensemble } from "./ensemble.ts";
import type { IndexSet } from "./indexSet.ts";
import { LearningRule } from "./learningRule.ts";
import { checkLearning, mapRules, rulesOf, type LearningRules, type LearningRuleTypes } from "./learningRules.ts";
import type { Network } from "./network.ts";
import { Neurons } from "./neurons.ts";
import { Node } from "./node.ts";
import { Named, labelOf, labelled, objectName } from "./objectName.ts";
import { checkNames, resolveOptions } from "./parameters.ts";
import { callOnce, resultSize } from "./userFunction.ts";
import type { View, ViewTarget } from "./view.ts";

/** What a connection can start from or end at. */
export type Connectable = ViewTarget | View;

/** What may change after creation. */
export type ConnectionChanges = Pick<ConnectionOptions, "synapse" | "function" | "transform" | "solver">;

interface Changing {
  synapse: Synapse | null;
  function: ConnectionFunction | FunctionPoints | null;
  sizeMid: number;
  /** As the user gave it, since a number or a distribution fits any size. */
  given: TransformGiven;
  transform: Transform | null;
  solver: Solver;
}

/** Carries a value, or a function of it, from one object to another. Made by `network.connect(pre, post, options)`. */
export class Connection extends Named {
  static readonly probeable: readonly string[] = ["output", "input", "weights"];
  readonly network: Network;
  /** As given. */
  readonly pre: Connectable;
  /** As given. */
  readonly post: Connectable;
  readonly preObject: Source;
  readonly postObject: ViewTarget;
  /** Components of `preObject`'s output. */
  readonly preIndices: IndexSet;
  /** Components of `postObject`'s input. */
  readonly postIndices: IndexSet;
  readonly sizeIn: number;
  readonly sizeOut: number;
  /** Points `[n, dimensions]` of the whole pre ensemble where decoders are fitted; null: the ensemble's. */
  readonly evalPoints: DistOrArray | null;
  readonly scaleEvalPoints: boolean;
  readonly learningRuleType: LearningRuleTypes;
  /** The connection's learning rules, to connect to and to probe, in the structure of `learningRuleType`. */
  readonly learningRule: LearningRules;
  readonly label: string | null;
  readonly seed: number | null;
  private values: Changing;

  constructor(network: Network, pre: Connectable, post: Connectable, options: ConnectionOptions = {}) {
    super();
    const label = labelOf(options);
    const [from, to] = [
      endOf(network, labelled("Connection", label), "pre", pre),
      endOf(network, labelled("Connection", label), "post", post),
    ];
    this.network = network;
    [this.pre, this.preObject, this.preIndices, this.sizeIn] = [pre, from.object, from.indices, from.indices.size];
    [this.post, this.postObject, this.postIndices, this.sizeOut] = [post, to.object, to.indices, to.indices.size];
    this.label = typeof label === "string" ? label : null;
    const sizes = this.preObject instanceof Ensemble ? { dimensions: this.preObject.dimensions } : {};
    const values = resolveOptions(String(this), connectionParameters, options, network.defaults("connection"), sizes);
    this.label = values.label;
    this.seed = values.seed;
    this.scaleEvalPoints = values.scaleEvalPoints;
    this.evalPoints = values.evalPoints;
    if (this.evalPoints !== null && !(this.preObject instanceof Ensemble)) {
      throw new ValidationError({
        owner: String(this),
        parameter: "evalPoints",
        expected: "null, for only connections from ensembles are fitted",
        got: describe(this.evalPoints),
      });
    }
    const { synapse, solver, transform } = values;
    const sizeMid = this.learnSizeMid(values.function);
    this.values = {
      synapse,
      solver,
      function: values.function,
      sizeMid,
      given: transform,
      transform: this.checkTransform(transform, sizeMid, values.function),
    };
    this.learningRuleType = values.learningRuleType;
    this.learningRule = mapRules(values.learningRuleType, (type, key) => new LearningRule(this, type, key));
    this.checkLearning(this.values);
  }

  /** Filter of what arrives; null is none. */
  get synapse(): Synapse | null {
    return this.values.synapse;
  }
  set synapse(synapse: SynapseLike) {
    this.set({ synapse });
  }

  /** What is computed from pre's value; null: the value itself. */
  get function(): ConnectionFunction | FunctionPoints | null {
    return this.values.function;
  }
  set function(value: FunctionLike) {
    this.set({ function: value });
  }

  /** Size of the function's result, or `sizeIn` without one. */
  get sizeMid(): number {
    return this.values.sizeMid;
  }

  get transform(): Transform | null {
    return this.values.transform;
  }
  set transform(transform: TransformGiven) {
    this.set({ transform });
  }

  /** Finds the decoders. */
  get solver(): Solver {
    return this.values.solver;
  }
  set solver(solver: Solver) {
    this.set({ solver });
  }

  /** Whether the value goes to neurons: to `neurons` directly, or between ensembles by full weights. */
  get toNeurons(): boolean {
    return this.endsAtNeurons(this.solver);
  }

  /**
   * Changes several at once, checked together: a function of another size often needs another transform.
   * @throws ValidationError, and then nothing is changed
   */
  set(changes: ConnectionChanges): void {
    const owner = String(this);
    const { synapse, function: computed, transform, solver } = connectionParameters;
    const table = { synapse, function: computed, transform, solver };
    checkNames(owner, changes, table);
    const next = { ...this.values };
    if (changes.synapse !== undefined) next.synapse = table.synapse.check(owner, "synapse", changes.synapse, {});
    if (changes.solver !== undefined) next.solver = table.solver.check(owner, "solver", changes.solver, {});
    if (changes.function !== undefined) {
      next.function = table.function.check(owner, "function", changes.function, {});
      next.sizeMid = this.learnSizeMid(next.function);
    }
    if (changes.transform !== undefined) next.given = changes.transform;
    next.transform = this.checkTransform(next.given, next.sizeMid, next.function);
    this.checkLearning(next);
    this.values = next;
  }

  /** Name for messages. */
  override toString(): string {
    return typeof this.label === "string"
      ? labelled("Connection", this.label)
      : `Connection from ${objectName(this.pre)} to ${objectName(this.post)}`;
  }

  private endsAtNeurons({ weights }: Solver): boolean {
    if (this.postObject instanceof Neurons) return true;
    return weights && this.preObject instanceof Ensemble && this.postObject instanceof Ensemble;
  }

  private checkLearning({ transform, solver }: Changing): void {
    const { preObject: pre, postObject: post } = this;
    const learner = { owner: String(this), pre, post, transform, solver, toNeurons: this.endsAtNeurons(solver) };
    for (const { learningRuleType } of rulesOf(this)) checkLearning(learningRuleType, learner);
  }

  private learnSizeMid(computed: ConnectionFunction | FunctionPoints | null): number {
    if (computed === null) return this.sizeIn;
    const owner = String(this);
    const { preObject: pre, evalPoints } = this;
    if (pre instanceof Neurons || (pre instanceof Node && pre.kind === "passthrough")) {
      const fix =
        pre instanceof Neurons
          ? "Connect from the ensemble, or put a Node with a function between"
          : "Connect from what feeds the Node, or give the Node a function";
      throw new ValidationError({
        owner,
        parameter: "function",
        expected: "null, for functions are computed only from ensembles and Nodes with an output of their own",
        got: describe(computed),
        fix,
      });
    }
    const points = evalPoints !== null && "data" in evalPoints ? evalPoints : null;
    if (typeof computed !== "function") {
      const [rows, size] = computed.points.shape as readonly [number, number];
      if (points === null)
        throw new ValidationError({
          owner,
          parameter: "function",
          expected: "a function, or its values at evalPoints together with an array of evalPoints",
          got: `values of shape [${rows}, ${size}] and no such array`,
          fix: "Give evalPoints",
        });
      if (points.shape[0] !== rows)
        throw new ShapeError({
          owner,
          parameter: "function",
          expected: `${points.shape[0]} rows, one for each evaluation point`,
          got: `${rows}`,
        });
      return size;
    }
    // Where the points are given, the function may be undefined at zero.
    const first = points === null ? new Float64Array(this.sizeIn) : Float64Array.from(this.preIndices.toArray(), (k) => points.data[k]);
    const value: unknown = callOnce(owner, "function", `a function of an array of ${this.sizeIn} numbers`, () => computed(first));
    const size = resultSize(value);
    if (size === null || size === 0) {
      throw new ValidationError({
        owner,
        parameter: "function",
        expected: "a function that returns a number or an array of at least one number",
        got: size === 0 ? "an empty array" : Array.isArray(value) ? "an array that holds something else" : describe(value),
        fix: "Look for a missing return, or an index past the end of its argument",
      });
    }
    return size;
  }

  private checkTransform(given: TransformGiven, sizeMid: number, computed: Changing["function"]): Transform | null {
    const through = computed === null ? "" : `, function output ${sizeMid}`;
    const owner = `${String(this)} (pre size ${this.sizeIn}${through}, post size ${this.sizeOut})`;
    const transform = asTransform(given, { sizeOut: this.sizeOut, sizeMid, owner });
    if (transform instanceof Dense && transform.rank === 2) {
      for (const [end, indices] of [
        ["pre", this.preIndices],
        ["post", this.postIndices],
      ] as const) {
        if (indices.hasRepeats) {
          throw new ValidationError({
            owner: String(this),
            parameter: "transform",
            expected: `a number, a vector or null where the indices of ${end} repeat`,
            got: "a matrix",
            fix: `Put the repetition into the matrix, and pick every component of ${end} once`,
          });
        }
      }
    }
    return transform;
  }
}
