import { parseHTML } from "linkedom";

/** Node has no document of its own; this one is only drawn into, then read as text. */
export const plotDocument = (): Document => parseHTML("<html></html>").document as unknown as Document;
