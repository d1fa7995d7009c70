export { BrownNoise } from "./brownNoise.ts";
export { FilteredNoise } from "./filteredNoise.ts";
export { Piecewise } from "./piecewise.ts";
export { PresentInput } from "./presentInput.ts";
export { Table } from "./table.ts";
export { WhiteNoise } from "./whiteNoise.ts";
export { WhiteSignal } from "./whiteSignal.ts";
