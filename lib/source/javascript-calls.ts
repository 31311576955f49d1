/** Imports that are calls, `require()` and `import()`, and when they are carried out, found in the syntax tree. */
import { visitorKeys } from "oxc-parser";
import type { Found } from "./import.ts";

/** A node of the tree (ESTree), whatever it is. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Where a node stands. */
interface Place {
  /** `called at once`: in a function that is called where it is written. */
  readonly inside: "module" | "function called at once" | "function";
  readonly conditional: boolean;
  /** Some function around has a parameter `require`: a bundler's own. */
  readonly ownRequire: boolean;
  readonly awaited: boolean;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const CONDITIONS = new Set([
  ...["IfStatement", "ConditionalExpression", "LogicalExpression"],
  ...["TryStatement", "SwitchStatement", "ForStatement", "ForInStatement", "ForOfStatement"],
  ...["WhileStatement", "DoWhileStatement"],
]);

/** What each of them holds somewhere. `export`: `export {} from` is in no list of exports. */
const WORDS = /\b(?:require|import|export)\b/g;

/** With a stack of its own: a minified file is nested deeper than functions can call themselves. */
export function findCalls(program: unknown, text: string): Found[] {
  const found: Found[] = [];
  const words = Array.from(text.matchAll(WORDS), ({ index }) => index);
  const outermost = { inside: "module", conditional: false, ownRequire: false, awaited: false } as const;
  const open: (readonly [Node, Place])[] = [[program as Node, outermost]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, place] = next;
    const one = readCall(node, place);
    if (one) found.push(one);
    for (const key of visitorKeys[node.type] ?? []) {
      const value = node[key];
      for (const child of Array.isArray(value) ? value : [value])
        if (isNode(child) && holdsOneOf(words, child)) open.push([child, placeOf(child, key, node, place)]);
    }
  }
  return found;
}

/** Whether one of some offsets, ascending, lies in a node: of a whole tree only these branches are looked at. */
function holdsOneOf(offsets: readonly number[], node: Node): boolean {
  const { end } = node;
  const start = startOf(node);
  let low = 0;
  for (let high = offsets.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return (offsets[low] ?? end) < end;
}

/** What decorates a class or a parameter stands before it, and before its `export`: no part of it, by their offsets. */
function startOf(node: Node): number {
  const { decorators } = isNode(node.declaration) ? node.declaration : node;
  const first = firstOf(decorators);
  return isNode(first) ? Math.min(first.start, node.start) : node.start;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function placeOf(child: Node, key: string, parent: Node, place: Place): Place {
  return {
    inside: insideOf(child, key, parent, place.inside),
    conditional: place.conditional || CONDITIONS.has(parent.type),
    ownRequire: place.ownRequire || (FUNCTIONS.has(child.type) && takesRequire(child)),
    awaited: parent.type === "AwaitExpression",
  };
}

function insideOf(child: Node, key: string, parent: Node, inside: Place["inside"]): Place["inside"] {
  // what a class gives each instance is made with the instance
  if (parent.type === "PropertyDefinition" && key === "value" && parent.static !== true) return "function";
  if (!FUNCTIONS.has(child.type)) return inside;
  const atOnce = isCalledAtOnce(child, key, parent) && child.generator !== true;
  return atOnce && inside !== "function" ? "function called at once" : "function";
}

/** `(function () {})()`, or `(function () {}).call(this)`. */
function isCalledAtOnce(child: Node, key: string, parent: Node): boolean {
  if (parent.type === "CallExpression" && key === "callee") return true;
  const { property } = parent;
  return (
    parent.type === "MemberExpression" &&
    parent.object === child &&
    isNode(property) &&
    (property.name === "call" || property.name === "apply")
  );
}

function takesRequire({ params }: Node): boolean {
  return Array.isArray(params) && params.some((one) => isNode(one) && one.name === "require");
}

function readCall(node: Node, place: Place): Found | null {
  const { inside, conditional, ownRequire, awaited } = place;
  const later = inside === "function" ? "deferred" : "load";
  if (node.type === "CallExpression" && !ownRequire && isRequire(node.callee))
    return ask(firstOf(node.arguments), { when: later, conditional, by: "require" });
  // without `await` at the top of a module nobody waits for it
  if (node.type === "ImportExpression")
    return ask(node.source, {
      when: awaited && inside === "module" ? "load" : "deferred",
      conditional,
      by: "import",
    });
  if (node.type === "TSExternalModuleReference")
    return ask(node.expression, { when: "load", conditional, by: "require" });
  // one that exports nothing loads its module all the same, and is in no list of exports
  const isEmpty = Array.isArray(node.specifiers) && node.specifiers.length === 0;
  if (node.type === "ExportNamedDeclaration" && isEmpty)
    return ask(node.source, { when: "load", conditional, by: "import" });
  return null;
}

function isRequire(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === "Identifier") return callee.name === "require";
  const { object, property } = callee;
  return isNode(object) && isNode(property) && object.name === "module" && property.name === "require";
}

function firstOf(values: unknown): unknown {
  return Array.isArray(values) ? values[0] : undefined;
}

function ask(source: unknown, how: Pick<Found, "when" | "conditional" | "by">): Found | null {
  const specifier = isNode(source) ? constantOf(source) : null;
  return isNode(source) && specifier !== null ? { specifier, offset: source.start, ...how } : null;
}

/** The text of a literal, or of a template without anything to fill in. */
function constantOf({ type, value, quasis, expressions }: Node): string | null {
  if (type === "Literal" && typeof value === "string") return value;
  if (type !== "TemplateLiteral" || !Array.isArray(quasis) || firstOf(expressions) !== undefined) return null;
  const { cooked } = (quasis[0] as { value?: { cooked?: unknown } } | undefined)?.value ?? {};
  return typeof cooked === "string" ? cooked : null;
}
