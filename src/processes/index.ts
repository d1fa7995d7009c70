export { PresentInput } from "./presentInput.ts";
export { WhiteNoise } from "./whiteNoise.ts";
export { WhiteSignal } from "./whiteSignal.ts";
export { Table } from "./table.ts";
