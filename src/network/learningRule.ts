import type { LearningRuleType } from "../learning/learningRuleType.ts";
import type { Connection } from "./connection.ts";
import { Neurons } from "./neurons.ts";
import { objectName } from "./objectName.ts";
import { Viewable } from "./view.ts";

/**
 * A learning rule of a connection: connect to it what the rule needs (an error), or probe it. Made with the connection;
 * `connection.learningRule` has the structure of `learningRuleType`.
 */
export class LearningRule extends Viewable {
  readonly connection: Connection;
  readonly learningRuleType: LearningRuleType;
  /** Its place or name, where the connection has a list or an object of rules. */
  readonly key: number | string | null;

  constructor(connection: Connection, learningRuleType: LearningRuleType, key: number | string | null) {
    super();
    this.connection = connection;
    this.learningRuleType = learningRuleType;
    this.key = key;
  }

  override get sizeIn(): number {
    const { errorSize } = this.learningRuleType;
    if (errorSize !== "postState") return errorSize;
    const { postObject: post, sizeOut } = this.connection;
    return post instanceof Neurons ? post.ensemble.dimensions : sizeOut;
  }
  /** A rule gives nothing out; probe it. */
  override get sizeOut(): number {
    return 0;
  }
  get probeable(): readonly string[] {
    return this.learningRuleType.probeable;
  }

  /** Name for messages. */
  override toString(): string {
    const place = this.key === null ? "" : `[${JSON.stringify(this.key)}]`;
    return `${this.learningRuleType.type}${place} of ${objectName(this.connection)}`;
  }
}
