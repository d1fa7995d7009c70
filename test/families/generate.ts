import { readFileSync, writeFileSync } from "node:fs";
import { savePlot } from "../../src/node/index.ts";
import { pages } from "./defaults.ts";
import { withDefaults } from "./page.ts";
import { plots } from "./plots.ts";

for (const page of pages) {
  const path = `docs/families/${page}.md`;
  writeFileSync(path, await withDefaults(page, readFileSync(path, "utf8")));
  savePlot(`docs/families/${page}.svg`, await plots[page]());
}
