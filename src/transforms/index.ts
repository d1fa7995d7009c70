export { Dense } from "./dense.ts";
