import * as prettier from "prettier";
import { defaultsOf } from "./defaults.ts";

const [FROM, TO] = ["<!-- defaults: made by npm run docs:families -->", "<!-- end of defaults -->"];

/** A page with its table of defaults made anew. @throws Error where it has no place for one */
export async function withDefaults(page: string, text: string): Promise<string> {
  const [from, to] = [text.indexOf(FROM), text.indexOf(TO)];
  if (from < 0 || to < from) throw new Error(`docs/families/${page}.md has no place for its defaults`);
  const made = `${text.slice(0, from)}${FROM}\n\n${defaultsOf(page)}\n\n${text.slice(to)}`;
  return prettier.format(made, { ...(await prettier.resolveConfig("docs/families/page.md")), parser: "markdown" });
}
