import { Solver } from "../solvers/solver.ts";
import { asSynapse, type SynapseLike } from "../synapses/asSynapse.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { member, nullable, number, seed, text, type Check } from "./checks.ts";
import { parameter } from "./parameters.ts";

/** Options of a probe. */
export interface ProbeOptions {
  /** What to record: a probeable attribute of the target. @defaultValue null: the first */
  readonly attribute?: string | null;
  /** Seconds between two records. @defaultValue null: every step */
  readonly sampleEvery?: number | null;
  /** Filter of what is recorded; a number is the time constant (s) of a Lowpass. @defaultValue null */
  readonly synapse?: SynapseLike;
  /** Finds the decoders of an ensemble's `decodedOutput`. @defaultValue that of connections */
  readonly solver?: Solver | null;
  readonly label?: string | null;
  /** 0..2^32-1; null: drawn from the network's. @defaultValue null */
  readonly seed?: number | null;
}

/** A synapse, a number (Lowpass) or null. */
export const synapse: Check<Synapse | null> = (owner, _name, value) => asSynapse(value, owner);

export const probeParameters = {
  attribute: parameter(null, nullable(text)),
  sampleEvery: parameter(null, nullable(number({ min: 1e-10 }))),
  synapse: parameter(null, synapse),
  /** Null: as the connections of the network. */
  solver: parameter(null, nullable(member((value) => value instanceof Solver, "a solver such as new LstsqL2()"))),
  label: parameter(null, nullable(text)),
  seed: parameter(null, seed),
};
