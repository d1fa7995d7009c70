export { BCM } from "./bcm.ts";
export { Oja } from "./oja.ts";
export { PES } from "./pes.ts";
export { RLS } from "./rls.ts";
export { Voja } from "./voja.ts";
