/** How clients show who they are, rightly and in every way that must be refused. */

/** Where to, and with which headers. */
export interface Introduction {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What opens a server: a token in its URL or in a header, "Bearer abc" or "Basic abc" for one. */
export interface Credential {
  readonly place: "header" | "query";
  readonly name: string;
  readonly value: string;
}

/** What must not be let in. */
const IMPOSTURES = ["none", "wrong", "expired", "oversized", "misplaced"] as const;
export type Imposture = (typeof IMPOSTURES)[number];

/** More than servers take as a header or a URL: 8 KiB is usual, 16 KiB Node's own. */
const OVERSIZE_BYTES = 20_000;

/** `to`: without the credential. */
export function introduce(to: Introduction, { place, name, value }: Credential): Introduction {
  if (place === "header") return { ...to, headers: { ...to.headers, [name]: value } };
  const url = new URL(to.url);
  url.searchParams.set(name, value);
  return { ...to, url: url.href };
}

export interface Way {
  readonly imposture: Imposture;
  readonly introduction: Introduction;
}

/** `to`: without the credential; `expired`: a token that has ended, or null: then it is not among them. */
export function listWays(to: Introduction, credential: Credential, expired: string | null): Way[] {
  return IMPOSTURES.flatMap((imposture) => {
    const introduction = pretend(imposture, to, credential, expired);
    return introduction ? [{ imposture, introduction }] : [];
  });
}

function pretend(
  imposture: Imposture,
  to: Introduction,
  credential: Credential,
  expired: string | null,
): Introduction | null {
  const { token } = split(credential);
  const show = (other: string) => introduce(to, replaceToken(credential, other));
  switch (imposture) {
    case "none":
      return to;
    case "wrong":
      return show(alter(token));
    case "expired":
      return expired === null ? null : show(expired);
    case "oversized":
      return show(token + "x".repeat(OVERSIZE_BYTES));
    case "misplaced":
      return { ...to, headers: { ...to.headers, Cookie: `token=${token}` } };
  }
}

/** "Bearer abc" → "Bearer " and "abc" (RFC 9110, 11.4). */
function split({ value }: Credential): { readonly scheme: string; readonly token: string } {
  const at = value.lastIndexOf(" ") + 1;
  return { scheme: value.slice(0, at), token: value.slice(at) };
}

/** The same place with another token. */
export function replaceToken(credential: Credential, token: string): Credential {
  return { ...credential, value: split(credential).scheme + token };
}

/** As long, and not the same: by its first character, as the last one of Base64 may not count. */
function alter(token: string): string {
  return (token.startsWith("A") ? "B" : "A") + token.slice(1);
}
