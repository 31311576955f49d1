/** The options that say how clients introduce themselves to a server that does not take just anybody. */
import { type Options, optional, repeatable, type Values } from "./option.ts";
import { text } from "./text-options.ts";

/** A token of HTTP (RFC 9110, 5.6.2): the name of a header, or of a subprotocol. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

export const clientOptions = {
  protocol: optional(
    text({
      default: "",
      placeholder: "NAME",
      help: "WebSocket subprotocol that clients ask for, as mqtt or graphql-ws",
      accepts: (name) => (TOKEN.test(name) ? null : "one word, such as mqtt"),
    }),
    "none",
  ),
  header: repeatable(
    {
      ...text({
        default: "",
        placeholder: "NAME:VALUE",
        help: "a header that clients send, as Origin or Cookie",
        accepts: (line) => (readHeader(line) ? null : "NAME:VALUE on one line"),
      }),
      // its value may be a secret, and reports are shown around
      secret: true as const,
      format: (line) => `${readHeader(line)?.[0]}: …`,
    },
    "none",
  ),
  token: optional(
    secretToken("sent as Authorization: Bearer TOKEN; in the environment nobody else can read it"),
    "none",
  ),
} as const satisfies Options;

/** A word that no report shows. */
export function secretToken(help: string) {
  return {
    ...text({
      default: "",
      placeholder: "TOKEN",
      help,
      accepts: (token) => (/^[!-~]+$/.test(token) ? null : "one word"),
    }),
    secret: true as const,
    format: () => "(not shown)",
  };
}

/** The headers that these options make. */
export function headersOf({
  protocol,
  header,
  token,
}: Values<typeof clientOptions>): Readonly<Record<string, string>> {
  return {
    ...(protocol !== null && { "Sec-WebSocket-Protocol": protocol }),
    ...(token !== null && { Authorization: `Bearer ${token}` }),
    ...Object.fromEntries(header.flatMap((line) => [readHeader(line) ?? []]).filter(([name]) => name)),
  };
}

/** As curl takes it: what comes before the first colon is the name. Null where it is no header. */
function readHeader(line: string): [name: string, value: string] | null {
  const at = line.indexOf(":");
  const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  return at > 0 && TOKEN.test(name) && /^[\t -~\u0080-\u00ff]*$/.test(value) ? [name, value] : null;
}
