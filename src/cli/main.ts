#!/usr/bin/env node
import { runCli } from "./runCli.ts";

// A reader that has enough (| head) closes the pipe, which is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});
// Not process.exit: what was written to a pipe must arrive first.
void runCli(process.argv.slice(2)).then((code) => (process.exitCode = code));
