/** The page's own document; what is drawn is not attached to it. */
export const plotDocument = (): Document => document;
