import type { CreateProgress } from "./progress.ts";
import { silentProgress } from "./progress.ts";

/** Pages, and everything else that is not Node, show their own progress. */
export const createProgress: CreateProgress = () => silentProgress;
