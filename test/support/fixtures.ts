import { readFileSync } from "node:fs";

/** Reads `test/fixtures/<path>`; tests run from the repository's root. */
export const fixture = <T>(path: string): T => JSON.parse(readFileSync(`test/fixtures/${path}`, "utf8")) as T;
