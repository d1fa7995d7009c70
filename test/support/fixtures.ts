import { readFileSync } from "node:fs";

/** Reads `test/fixtures/<path>`; tests run from the repository's root. */
export const fixture = <T>(path: string): T => JSON.parse(readFileSync(`test/fixtures/${path}`, "utf8")) as T;

/** Reads any JSON file by its path from the repository's root. */
export const fixtureAt = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;
