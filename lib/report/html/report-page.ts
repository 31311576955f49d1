/** A run as one HTML file, in the order in which it is read: the verdict, what broke, what happened, whether to trust it. */
import type { Sample } from "../../host/gauges.ts";
import { formatDuration } from "../../units.ts";
import { describeRun, describeTrust, tabulateLoads } from "../content.ts";
import { explainBroken, isBroken } from "../explain.ts";
import type { Finding } from "../finding.ts";
import { type PastRun, toPastRun } from "../history.ts";
import { inOrder, outcomeOf } from "../order.ts";
import { shellCommand } from "../repeat.ts";
import type { Report } from "../report.ts";
import { headStayed, identifyTarget, tabulateAnswers, tabulateHeld } from "../target-content.ts";
import { type Axis, renderChart } from "./chart-html.ts";
import { chartsOf } from "./charts.ts";
import { renderCrosshair } from "./crosshair.ts";
import { renderEarlier } from "./history-html.ts";
import { markCharts } from "./marks.ts";
import { html, type Markup } from "./markup.ts";
import { renderPage } from "./page.ts";
import { renderPicture } from "./picture.ts";
import { signOf } from "./signs.ts";
import { table } from "./table.ts";
import { renderVerdict } from "./verdict-html.ts";

/** `earlier`: runs of the same scenario, oldest first. */
export function renderReportPage(
  report: Report,
  samples: readonly Sample[],
  earlier: readonly PastRun[] = [],
): string {
  const { scenario, verdict, startedAt } = report;
  const sections = [
    identity(report),
    invariants(report),
    reasons(report, samples),
    report.picture && renderPicture(report.picture),
    timeline(report, samples),
    target(report),
    loads(report),
    trust(report),
    renderEarlier(earlier, toPastRun(report.run, report)),
    settings(report),
    notes(report),
  ];
  return renderPage(`${verdict.kind.toUpperCase()} ${scenario} ${startedAt}`, html`${sections}`);
}

function identity(report: Report): Markup {
  const { scenario, summary, verdict } = report;
  return html`<h1>${scenario}</h1>
<p>${summary}</p>
<p class="facts">${describeRun(report).join(" · ")}</p>
${renderVerdict(verdict)}`;
}

function invariants({ findings }: Report): Markup | null {
  if (findings.length === 0) return null;
  const ordered = inOrder(findings);
  const telling = ordered.filter(({ outcome }) => outcome === "broken" || outcome === "unknown");
  // of a pass all is read, of anything else what is amiss comes alone
  if (telling.length === 0) return html`<h2>Invariants</h2>${tabulateFindings(ordered)}`;
  const others = ordered.filter((finding) => !telling.includes(finding));
  const counts = ["held", "skipped"].map(
    (outcome) => `${others.filter((one) => one.outcome === outcome).length} ${outcome}`,
  );
  return html`<h2>Invariants</h2>${tabulateFindings(telling)}<details><summary>${counts.join(", ")}</summary>${tabulateFindings(others)}</details>`;
}

function tabulateFindings(findings: readonly Finding[]): Markup {
  const rows = findings.map((finding) => {
    const { measured, limit } = outcomeOf(finding);
    return html`<tr class="${finding.outcome}"><td class="mark">${signOf(finding.outcome)} ${finding.outcome}</td><td>${finding.sentence}</td><td>${measured}</td><td class="limit">${limit}</td></tr>`;
  });
  return html`<div class="invariants"><table><tr><th></th><th>Must be true</th><th>Measured</th><th>Limit</th></tr>${rows}</table></div>`;
}

function reasons(report: Report, samples: readonly Sample[]): Markup | null {
  const broken = report.findings.filter(isBroken);
  if (broken.length === 0) return null;
  const articles = broken.map((finding) => {
    const parts = explainBroken(finding, report, samples);
    return html`<article class="why"><h3>✗ Not so: ${finding.sentence}</h3>${parts.map(({ label, text }) => html`<p><b>${label}.</b> ${text}.</p>`)}${list(finding.evidence)}</article>`;
  });
  return html`<h2>What broke</h2>${articles}<p><b>Try it again.</b> <code>${shellCommand(report)}</code></p>`;
}

function timeline({ phases, findings }: Report, samples: readonly Sample[]): Markup | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.atMs <= first.atMs) return null;
  const axis: Axis = {
    fromMs: 0,
    toMs: last.atMs,
    phases: phases.map(({ name, startMs, endMs }) => ({ name, startMs, endMs: endMs ?? last.atMs })),
  };
  const charts = markCharts(chartsOf(samples), { phases, findings });
  return html`<h2>What happened</h2>${charts.map((chart) => renderChart(chart, axis))}${renderCrosshair(charts, axis)}`;
}

function target({ target: one }: Report): Markup | null {
  if (!one) return null;
  const { health, died, lastLines } = one;
  return html`<h2>Target</h2><p class="facts">${identifyTarget(one).join(" · ")}</p>
${health && table(tabulateAnswers(health))}${table(tabulateHeld(one))}
${one.stayed.length > 0 && html`<p>${headStayed(one)}</p>${list(one.stayed)}`}
${died && lastLines.length > 0 && html`<p>Its last words:</p><pre>${lastLines.join("\n")}</pre>`}`;
}

function loads({ loads: all, guard }: Report): Markup | null {
  if (all.length === 0) return null;
  return html`<h2>Load</h2>${table(tabulateLoads(all))}${guard && html`<p>The guard ended the load: ${guard}.</p>`}`;
}

function trust({ sampling }: Report): Markup | null {
  return sampling && html`<h2>Can this run be trusted</h2>${list(describeTrust(sampling))}`;
}

function settings({ settings: all, phases }: Report): Markup {
  const spans = phases.map(({ name, startMs, endMs }) => [
    name,
    formatDuration(startMs),
    endMs === null ? "not ended" : formatDuration(endMs - startMs),
  ]);
  return html`<details><summary>Settings, and where each came from</summary>${table({
    header: ["Option", "Value", "From"],
    rows: all.map(({ name, value, source }) => [`--${name}`, value, source]),
  })}</details>
${spans.length > 0 && html`<details><summary>Phases</summary>${table({ header: ["Phase", "From", "For"], rows: spans })}</details>`}`;
}

function notes({ notes: all }: Report): Markup | null {
  return all.length === 0 ? null : html`<h2>Notes</h2>${list(all)}`;
}

function list(lines: readonly string[]): Markup | null {
  return lines.length === 0
    ? null
    : html`<ul class="trust">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}
