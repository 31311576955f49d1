/** What is wrong with a document that a schema refused: a sentence for each mistake, with its place, what was expected and what is there. */
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** `known`: the fields that the document may have. `file` is named as the user gave it. */
export function describeIssues(
  file: string,
  document: unknown,
  issues: readonly Issue[],
  known: readonly string[],
): string[] {
  return issues.flatMap((issue) => describeIssue({ file, document, known }, issue));
}

interface About {
  readonly file: string;
  readonly document: unknown;
  readonly known: readonly string[];
}

/** In a union, the mistake is in the alternative that has the value's type; where none has, no alternative is named. */
function describeIssue(about: About, issue: Issue): string[] {
  const { file, document, known } = about;
  if (issue.code === "invalid_union") {
    const closest = issue.errors.find((issues) => issues.every(({ code }) => code !== "invalid_type"));
    if (closest)
      return closest.flatMap((inner) =>
        describeIssue(about, { ...inner, path: [...issue.path, ...inner.path] }),
      );
  }
  const at = issue.path.length > 0 ? ` at ${issue.path.map(String).join(".")}` : "";
  const got =
    issue.code === "unrecognized_keys" ? issue.keys.join(", ") : show(valueAt(document, issue.path));
  return [`Cannot read ${file}${at}: expected ${expectation(issue, known)}, got ${got}`];
}

function expectation(issue: Issue, known: readonly string[]): string {
  switch (issue.code) {
    case "custom":
      return issue.message;
    case "invalid_type":
      return (
        { record: "an object", object: "an object", array: "a list", string: "text" }[
          issue.expected as string
        ] ?? issue.expected
      );
    case "invalid_union":
      return unionOf(issue.errors).join(" or ");
    case "unrecognized_keys":
      return `only ${known.join(", ")}`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? "another name";
    case "too_small":
      return issue.origin === "number" ? `at least ${issue.minimum}` : "something in it";
    default:
      return issue.message;
  }
}

/** The types of which one was expected. */
function unionOf(alternatives: readonly (readonly Issue[])[]): string[] {
  return [...new Set(alternatives.flatMap(([first]) => (first ? [expectation(first, [])] : [])))];
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    document,
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
