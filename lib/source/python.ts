/**
 * Imports of Python, read by @lezer/python: `import` and `from … import`, wherever they stand.
 * What it does not see: `importlib.import_module()`, `__import__()`, and changes of `sys.path`; and that some of Python 2 is
 * no Python any more.
 */
import type { SyntaxNode } from "@lezer/common";
import type { Found, Import, Language, Parsed, When } from "./import.ts";
import { createLineCounter } from "./lines.ts";
import { createResolver } from "./python-resolver.ts";

export const python: Language = { files: /\.py$/, loadParser, createResolver };

/** Where a statement stands. */
interface Place {
  readonly when: When;
  readonly conditional: boolean;
}

async function loadParser(): Promise<(path: string, text: string) => Parsed> {
  const { parser } = await import("@lezer/python");
  // at the first error it gives up: what follows would be a guess
  const strict = parser.configure({ strict: true });
  return (_path, text) => {
    const plain = makePlain(text);
    const lineOf = createLineCounter(plain);
    try {
      const found = readStatements(strict.parse(plain).topNode, { when: "load", conditional: false }, plain);
      return { imports: found.map(({ offset, ...one }) => ({ ...one, line: lineOf(offset) })) };
    } catch (error) {
      const offset = /^No parse at (\d+)/.exec((error as Error).message)?.[1];
      if (offset === undefined) throw error;
      return { wrong: `line ${lineOf(Number(offset))}: not understood as Python 3` };
    }
  };
}

/**
 * Right Python that this grammar takes for an error, said in words that it knows: `yield` without a value, `1.`,
 * `for a, *b in`, `with a as (b, c):`, `case A():` and form feeds. Lines stay where they are; in a string or a comment
 * nobody minds.
 */
function makePlain(text: string): string {
  return text
    .replace(/\byield\b(?=[ \t]*($|[#)\]},;:\r\n]))/gm, "yield 0")
    .replace(/\b(\d+)\.(?![\w.])/g, "$1.0")
    .replaceAll("\f", "")
    .replace(/\bas \([^()\n]*\)(?=[ \t]*[:,)])/g, "as _")
    .replace(/^[ \t]*case\b.*$/gm, (line) => line.replaceAll("()", "(_)"))
    .replace(/([,(] ?|\bfor )\*(\w+)(?=( ?,[^\n:]*)? in\b)/g, "$1$2");
}

/** What statements stand in; an expression holds no import. */
const AROUND: Readonly<Record<string, "same" | "conditional" | "deferred">> = {
  ...{ Body: "same", ClassDefinition: "same", DecoratedStatement: "same", StatementGroup: "same" },
  ...{ IfStatement: "conditional", TryStatement: "conditional", WithStatement: "conditional" },
  ...{ ForStatement: "conditional", WhileStatement: "conditional", MatchStatement: "conditional" },
  ...{ MatchBody: "same", MatchClause: "same" },
  FunctionDefinition: "deferred",
};

function readStatements(node: SyntaxNode, place: Place, text: string): Found[] {
  const found: Found[] = [];
  let condition = "";
  for (let child = node.firstChild; child; child = child.nextSibling) {
    const around = AROUND[child.name];
    if (child.name === "ImportStatement") {
      const asked = readImport(text.slice(child.from, child.to));
      found.push(...asked.map((one) => ({ ...one, ...place, by: "import" as const, offset: child.from })));
    } else if (around) {
      const inside = node.name === "IfStatement" ? underCondition(place, condition) : place;
      found.push(...readStatements(child, placeInside(around, inside), text));
    } else condition = child.name === "else" ? "" : text.slice(child.from, child.to);
  }
  return found;
}

function placeInside(around: "same" | "conditional" | "deferred", place: Place): Place {
  if (around === "conditional") return { ...place, conditional: true };
  return around === "deferred" && place.when === "load" ? { ...place, when: "deferred" } : place;
}

/** Type checkers alone see what stands under TYPE_CHECKING; what is for a program is not carried out by an import. */
function underCondition(place: Place, condition: string): Place {
  if (/(^|\.)TYPE_CHECKING$/.test(condition)) return { ...place, when: "type" };
  const isMain = /^__name__\s*==\s*["']__main__["']$/.test(condition);
  return isMain && place.when === "load" ? { ...place, when: "deferred" } : place;
}

/** The words of a statement, without comments, line ends and parentheses. */
function readImport(statement: string): Pick<Import, "specifier" | "names">[] {
  const plain = statement.replace(/#[^\n]*/g, " ").replace(/[\\()\s]+/g, " ");
  const from = /^from (.*?)(?<=[. ])import (.*)$/.exec(plain);
  const named = (list: string) =>
    list
      .split(",")
      .map((one) => (one.trim().split(" as ")[0] ?? "").replaceAll(" ", ""))
      .filter(Boolean);
  if (!from) return named(plain.replace(/^import /, "")).map((specifier) => ({ specifier }));
  const [, module = "", names = ""] = from;
  return [{ specifier: module.replaceAll(" ", ""), names: named(names).filter((name) => name !== "*") }];
}
