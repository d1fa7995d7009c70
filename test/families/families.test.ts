import { readFileSync } from "node:fs";
import { expect } from "chai";
import { defaultsOf, pages } from "./defaults.ts";
import { withDefaults } from "./page.ts";
import { plots } from "./plots.ts";

/** Lines and words of a plot. (Offsets of half a pixel depend on whether there is a window.) */
const drawn = (svg: string): string[] => Array.from(svg.matchAll(/ d="([^"]+)"|>([^<>{}]+)<\/text>/g), ([, path, words]) => path ?? words);

describe("pages of families", () => {
  for (const page of pages) {
    const text = readFileSync(`docs/families/${page}.md`, "utf8");

    it(`${page}: defaults are those of the code`, async () => {
      expect(text).to.equal(await withDefaults(page, text));
    });

    it(`${page}: tells of every member`, () => {
      for (const [, name] of defaultsOf(page).matchAll(/^\| `(\w+)` \|/gm)) expect(text.split(`\`${name}\``).length, name).to.be.above(2);
    });

    it(`${page}: the plot is what the code draws`, async function () {
      this.timeout(60_000);
      expect(text).to.include(`](${page}.svg)`);
      const [wanted, got] = [drawn(readFileSync(`docs/families/${page}.svg`, "utf8")), drawn(await plots[page]())];
      expect(got.length).to.equal(wanted.length);
      expect(got.every((part, k) => part === wanted[k])).to.equal(true);
    });
  }
});
