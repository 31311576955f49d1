/** What a monitor's URL has to be. */

/** As the end of "expected …"; null: nothing is wrong with it. */
export function refusePingUrl(text: string): string | null {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? null : "an http:// or https:// URL";
}
