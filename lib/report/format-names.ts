/** What a report can be made into. */
export const FORMATS = ["terminal", "markdown", "html", "json", "junit", "prometheus", "github"] as const;
export type Format = (typeof FORMATS)[number];
