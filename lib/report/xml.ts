/** XML that nothing put into it can break. */

/** No escape can stand for what XML 1.0 has no character for: it is replaced. */
const NO_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // a parser would make blanks of them in an attribute
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

type Attributes = Readonly<Record<string, string | number | null>>;

/** An element with its attributes, those that are null left out, and what is in it: other elements, or text that is escaped. */
export function element(name: string, attributes: Attributes, content: readonly string[] = []): string {
  const told = Object.entries(attributes).flatMap(([key, value]) =>
    value === null ? [] : [` ${key}="${escapeXml(String(value))}"`],
  );
  const open = `<${name}${told.join("")}`;
  return content.length === 0 ? `${open}/>` : `${open}>${content.join("\n")}</${name}>`;
}

export function escapeXml(text: string): string {
  return text
    .replace(NO_CHARACTER, "\uFFFD")
    .replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? character);
}
