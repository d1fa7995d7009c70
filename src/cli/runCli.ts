import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { commands } from "./commands/index.ts";
import { processIo, type Io } from "./io.ts";

/** What a process tells the shell. */
const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

const version = (): string => {
  // dist/src/cli, in the package and in the repository.
  const file = new URL("../../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
};

/**
 * Runs `tfjs-nengo <args>`. Results go to `out`, messages to `err`, without stacks of calls.
 * @returns the exit code: 0 where all went well, 1 for an error in the work, 2 for arguments that are not understood
 */
export async function runCli(args: readonly string[], io: Io = processIo): Promise<number> {
  const program = new Command("tfjs-nengo")
    .description("Nengo networks from the command line.")
    .version(version())
    .option("--stack", "show where in the code an error came from")
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError("(see --help)")
    .addHelpText("after", "\nExit codes: 0 all went well, 1 an error in the work, 2 arguments that are not understood.");
  for (const { register } of commands) register(program, io);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err });
  try {
    await program.parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { stack = false } = program.opts<{ stack?: boolean }>();
    io.err(`tfjs-nengo: ${error instanceof Error ? (stack && error.stack) || error.message : String(error)}\n`);
    return EXIT.failed;
  }
}
