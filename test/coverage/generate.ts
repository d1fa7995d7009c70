import { writeFileSync } from "node:fs";
import { coveragePage, readNames } from "./coverage.ts";

writeFileSync("docs/coverage.md", await coveragePage(readNames()));
