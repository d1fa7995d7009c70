export { Lowpass } from "./lowpass.ts";
