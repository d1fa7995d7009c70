import { freeze } from "../../declared.ts";
import { ValidationError, describe } from "../../errors.ts";
import { constant, input, inputsOf, substitute, type Expr } from "../../expr/expr.ts";
import { fromList, toList, type ExprList } from "../../expr/list.ts";
import { DistanceSurrogate } from "./surrogate.ts";

/** A slope as an expression of `expr.input("distance")`, or a function that makes one of the distance. */
export type CustomSlope = Expr | number | ((distance: Expr) => Expr | number);

/** Options of a slope of your own. */
export interface CustomSurrogateOptions {
  /** Slope of a spike of height 1 at a distance from the threshold (or its JSON). */
  readonly derivative: CustomSlope | ExprList;
}

/** A slope of one's own. A function is called once, when the object is made; what is kept, and saved, is the expression. */
export class CustomSurrogate extends DistanceSurrogate {
  static override readonly type: string = "CustomSurrogate";
  static override readonly parameters: readonly string[] = ["derivative"];
  /** The expression as nested lists, in which `"distance"` stands for the distance. */
  readonly derivative: ExprList;

  constructor(options: CustomSurrogateOptions) {
    super(options);
    this.derivative = toList(this.read(options.derivative));
    freeze(this, new.target, CustomSurrogate);
  }

  private read(given: CustomSurrogateOptions["derivative"]): Expr {
    const value: unknown = typeof given === "function" ? given(input("distance")) : given;
    const made = isExpr(value)
      ? value
      : typeof value === "number"
        ? constant(value)
        : Array.isArray(value)
          ? fromList(value, this.type)
          : null;
    const others = made === null ? [] : inputsOf([made]).filter((name) => name !== "distance");
    if (made === null || others.length > 0)
      throw new ValidationError({
        owner: this.type,
        parameter: "derivative",
        expected: 'an expression of input("distance"), or a function that makes one',
        got: made === null ? describe(value) : `one of ${others.join(", ")}`,
      });
    return made;
  }

  override at(distance: Expr): Expr {
    return substitute(fromList(this.derivative), { distance });
  }
}

const isExpr = (value: unknown): value is Expr => typeof value === "object" && value !== null && "op" in value && "id" in value;
