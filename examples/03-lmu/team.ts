import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Part, Share, Sizes, Task } from "./share.ts";

/** This process and helpers that share the rows of every task; sums of what they answer do not depend on how many there are. */
export class Team {
  private readonly own: Share;
  private readonly helpers: readonly ChildProcess[];

  /** @param count - processes in all */
  constructor(own: Share, count: number, sizes: Sizes) {
    this.own = own;
    const path = fileURLToPath(new URL("./helper.js", import.meta.url));
    this.helpers = Array.from({ length: count - 1 }, () => fork(path, [JSON.stringify(sizes)], { serialization: "advanced" }));
  }

  async ask(part: Part, rows: Float64Array, gradients: boolean): Promise<Answer> {
    const count = this.helpers.length + 1;
    const share = (k: number): Float64Array =>
      rows.subarray(Math.floor((k * rows.length) / count), Math.floor(((k + 1) * rows.length) / count));
    const { weights } = this.own;
    const answers = this.helpers.map((helper, k) => answerOf(helper, { weights, part, rows: share(k + 1).slice(), gradients }));
    const all = [this.own.answer({ part, rows: share(0), gradients }), ...(await Promise.all(answers))];
    return {
      loss: all.reduce((sum, { loss }) => sum + loss, 0),
      right: all.reduce((sum, { right }) => sum + right, 0),
      gradients: all[0].gradients.map((first, k) => first.map((v, i) => all.slice(1).reduce((sum, one) => sum + one.gradients[k][i], v))),
    };
  }

  close(): void {
    for (const helper of this.helpers) helper.disconnect();
  }
}

function answerOf(helper: ChildProcess, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a helper process ended (${code})`));
    helper.once("exit", ended);
    helper.once("message", (answer) => {
      helper.off("exit", ended);
      resolve(answer as Answer);
    });
    helper.send(task);
  });
}
