import { Presets, SingleBar } from "cli-progress";
import type { CreateProgress, Progress } from "./progress.ts";
import { silentProgress } from "./progress.ts";

/** Milliseconds between two repaints: often enough to look alive, seldom enough to cost nothing. */
const REPAINT = 100;
/** A bar appears only after this time (ms), so that short runs leave the terminal as it was. */
const PATIENCE = 300;

class Bar implements Progress {
  #bar: SingleBar | undefined;
  #finished = false;
  #painted = performance.now() + PATIENCE - REPAINT;
  readonly #title: string;
  readonly #total: number;

  constructor(title: string, total: number) {
    this.#title = title;
    this.#total = total;
  }

  update(done: number, note = ""): void {
    const now = performance.now();
    if (this.#finished || now - this.#painted < REPAINT) return;
    this.#painted = now;
    this.#bar ??= startedBar(this.#title, this.#total);
    this.#bar.update(Math.min(done, this.#total), { note });
    this.#bar.render(); // cli-progress paints by a timer, which a busy loop never lets run
  }

  finish(note = ""): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#bar?.update(this.#total, { note });
    this.#bar?.stop();
  }
}

function startedBar(title: string, total: number): SingleBar {
  const bar = new SingleBar(
    {
      format: `${title} {bar} {percentage}% | {duration_formatted}, {eta_formatted} left {note}`,
      stream: process.stderr,
      fps: 1000 / REPAINT,
      barsize: 30,
      hideCursor: true,
      clearOnComplete: false,
      linewrap: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { note: "" });
  return bar;
}

/** A bar on stderr where that is a terminal; results on stdout stay clean. */
export const createProgress: CreateProgress = (title, total, enabled) =>
  enabled && process.stderr.isTTY && total > 0 ? new Bar(title, total) : silentProgress;
