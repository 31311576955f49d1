/** Draws who leads to whom: the nodes of a group on a circle, and the arrows between them across it. */
import type { Picture } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { round } from "./round.ts";

type Group = Picture["groups"][number];
type Style = Group["arrows"][number]["style"];
interface Point {
  readonly x: number;
  readonly y: number;
}

export function renderPicture({ caption, groups, legend, left }: Picture): Markup | null {
  if (groups.length === 0) return null;
  const lines = Object.entries(legend).map(
    ([style, text]) =>
      html`<span><svg width="34" height="10" aria-hidden="true"><path class="arrow ${style}" d="M2 5H32"/></svg> ${text}</span>`,
  );
  return html`<h2>${caption}</h2><p class="legend">${lines}</p>${groups.map(renderGroup)}${left && html`<p class="aside">${left}</p>`}`;
}

const WIDTH = 720;
/** Beside the circle, for names. */
const MARGIN = 200;
/** Along the circle, for a name's height. */
const SPACING = 17;

function renderGroup({ nodes, arrows }: Group): Markup {
  const radius = Math.max(60, Math.min((WIDTH - 2 * MARGIN) / 2, (nodes.length * SPACING) / 4));
  // many names need a taller circle than there is width for
  const tall = Math.max(radius, (nodes.length * SPACING) / 4);
  const height = 2 * tall + 60;
  const centre = { x: WIDTH / 2, y: height / 2 };
  const places = nodes.map((_, index) => {
    const angle = (2 * Math.PI * index) / nodes.length - Math.PI / 2;
    return { x: centre.x + radius * Math.cos(angle), y: centre.y + tall * Math.sin(angle) };
  });
  const label = `${nodes.length} modules, ${arrows.length} imports between them`;
  return html`<svg class="picture" viewBox="0 0 ${WIDTH} ${Math.round(height)}" role="img" aria-label="${label}">
${arrows.map(({ from, to, style }) => renderArrow(places[from] ?? centre, places[to] ?? centre, centre, style))}
${nodes.map((name, index) => renderNode(name, places[index] ?? centre, centre))}</svg>`;
}

function renderNode(name: string, { x, y }: Point, centre: Point): Markup {
  const isLeft = x < centre.x - 1;
  const [dx, anchor] = isLeft ? [-9, "end"] : [9, "start"];
  return html`<circle cx="${round(x)}" cy="${round(y)}" r="4"><title>${name}</title></circle><text x="${round(x + dx)}" y="${round(y + 4)}" text-anchor="${anchor}">${shorten(name)}</text>`;
}

const MOST_LETTERS = 30;

/** The end of a path tells it from others. */
function shorten(name: string): string {
  return name.length > MOST_LETTERS ? `…${name.slice(-MOST_LETTERS)}` : name;
}

/** Bent towards the middle, so that there and back do not cover each other. */
function renderArrow(from: Point, to: Point, centre: Point, style: Style): Markup {
  const bend = {
    x: (from.x + to.x) / 2 + (centre.x - (from.x + to.x) / 2) * 0.3 + (to.y - from.y) * 0.08,
    y: (from.y + to.y) / 2 + (centre.y - (from.y + to.y) / 2) * 0.3 - (to.x - from.x) * 0.08,
  };
  const end = shortOf(to, bend, 6);
  const path = `M${round(from.x)} ${round(from.y)}Q${round(bend.x)} ${round(bend.y)} ${round(end.x)} ${round(end.y)}`;
  return html`<path class="arrow ${style}" d="${path}"/><path class="head ${style}" d="${head(end, bend)}"/>`;
}

/** A point that lies so far before another, seen from `back`. */
function shortOf(point: Point, back: Point, by: number): Point {
  const length = Math.hypot(point.x - back.x, point.y - back.y) || 1;
  return {
    x: point.x - ((point.x - back.x) / length) * by,
    y: point.y - ((point.y - back.y) / length) * by,
  };
}

function head(tip: Point, back: Point): string {
  const base = shortOf(tip, back, 7);
  const across = { x: (base.y - tip.y) * 0.45, y: (tip.x - base.x) * 0.45 };
  return `M${round(tip.x)} ${round(tip.y)}L${round(base.x + across.x)} ${round(base.y + across.y)} ${round(base.x - across.x)} ${round(base.y - across.y)}Z`;
}
