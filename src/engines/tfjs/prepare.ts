import type { Program } from "../../ir/program.ts";
import { splitStages } from "../../plan/stages.ts";
import { CyclicNetwork } from "./cyclicNetwork.ts";
import { StagedNetwork } from "./stagedNetwork.ts";
import type { StagedNetworkOptions, TensorProgram } from "./tensorProgram.ts";

/** Chooses how a program runs on tensors. */
export function prepareTensorProgram(program: Program, options: StagedNetworkOptions): TensorProgram {
  const stages = splitStages(program);
  return stages.kind === "cyclic" ? new CyclicNetwork(program, stages, options) : new StagedNetwork(program, stages, options);
}
