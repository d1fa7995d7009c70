/**
 * Imports a module that may be missing: one of Node's own or an optional peer dependency.
 * Bundlers are kept from following the name, so that a page needs neither.
 */
export async function optionalModule(name: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}
