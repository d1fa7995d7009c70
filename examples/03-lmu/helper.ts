/** A process beside that of evidence.ts: it answers tasks with its own model. */
import { fastestBackend } from "./backend.ts";
import { Share, freshModel, type Sizes, type Task } from "./share.ts";

const sizes = JSON.parse(process.argv[2]) as Sizes;
await fastestBackend();
const share = new Share(freshModel(), sizes);
process.on("message", ({ weights, ...task }: Task) => {
  share.weights = weights;
  process.send!(share.answer(task));
});
process.on("disconnect", () => process.exit());
