import { plotsOf } from "../report.ts";

export { check, heading, largestDifference, rmse, timed } from "../report.ts";
export const { figure } = plotsOf("01-coming-from-nengo");
