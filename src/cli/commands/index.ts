import type { Command } from "commander";
import type { Io } from "../io.ts";
import { registerConvert } from "./convert.ts";
import { registerInfo } from "./info.ts";
import { registerRun } from "./run.ts";

/** A command: adds itself to the program. */
export interface CliCommand {
  readonly register: (program: Command, io: Io) => void;
}

/** All commands, in the order of the help. */
export const commands: readonly CliCommand[] = [{ register: registerRun }, { register: registerInfo }, { register: registerConvert }];
