/** Seconds of a run where nothing says how long. */
export const TIME = 1;

/** Rows of a table of `info`, unless all are asked for. */
export const MOST_ROWS = 20;
