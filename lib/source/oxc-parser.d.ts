/** Two parts of oxc-parser that it exports without types: its answer as it comes, each field of which is made when it is asked for. */
declare module "oxc-parser/src-js/bindings" {
  export { parseSync } from "oxc-parser";
}

declare module "oxc-parser/src-js/wrap.js" {
  import type { ParseResult } from "oxc-parser";
  /** Takes all fields out at once. */
  export function wrap(answer: ParseResult): ParseResult;
}
