// The live page in a browser: draws what the run pushes, once a second, and becomes the report when the run has ended.
const MOST_POINTS = 600;
const WIDTH = 1000;
const HEIGHT = 200;
const STEPS = {
  bytes: [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [1024, "KiB"], [1, "B"]],
  ms: [[3.6e6, "h"], [6e4, "min"], [1e3, "s"], [1, "ms"]],
  count: [[1, ""]],
};
const charts = new Map();
let run = { toMs: 1, phases: [] };

function show(value, unit) {
  if (unit === "share") return `${Math.round(value * 1000) / 10} %`;
  const [size, name] = STEPS[unit].find(([least]) => Math.abs(value) >= least) ?? STEPS[unit].at(-1);
  return `${Math.round((value / size) * 100) / 100} ${name}`.trim();
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function chartOf({ title, unit }) {
  const known = charts.get(title);
  if (known) return known;
  const figure = element("figure", "chart", "");
  const caption = document.createElement("figcaption");
  const now = element("span", "", "");
  caption.append(element("b", "", title), " ", now);
  const plot = element("div", "plot", "");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  plot.append(svg);
  figure.append(caption, plot);
  document.getElementById("charts").append(figure);
  const made = { title, unit, now, svg, plot, lines: new Map() };
  charts.set(title, made);
  return made;
}

// Of each two points the one further from the point before: a spike stays.
function thin(points) {
  const kept = [];
  for (let at = 0; at < points.length; at += 2) {
    const [one, other] = [points[at], points[at + 1] ?? points[at]];
    const last = kept.at(-1)?.[1] ?? 0;
    kept.push(Math.abs((one[1] ?? last) - last) > Math.abs((other[1] ?? last) - last) ? one : other);
  }
  return kept;
}

function take({ charts: told, toMs, phases, phase }) {
  run = { toMs: Math.max(1, toMs), phases };
  for (const { title, unit, lines } of told) {
    const chart = chartOf({ title, unit });
    for (const { name, asked, points } of lines) {
      const line = chart.lines.get(name) ?? { asked, points: [] };
      // a newcomer has been told some of them already
      const lastMs = line.points.at(-1)?.[0] ?? -1;
      line.points.push(...points.filter(([atMs]) => atMs > lastMs));
      if (line.points.length > MOST_POINTS) line.points = thin(line.points);
      chart.lines.set(name, line);
    }
  }
  const left = phase ? Math.max(0, phase.startMs + phase.lastsMs - toMs) : 0;
  const lasts = phase && phase.lastsMs > 0 ? `, ${show(Math.ceil(left / 1000) * 1000, "ms")} left` : "";
  document.getElementById("phase").textContent = phase ? `${phase.name}${lasts}` : "between two phases";
  document.getElementById("since").textContent = `${show(Math.round(toMs / 1000) * 1000, "ms")} since the start`;
  if (!document.hidden) requestAnimationFrame(draw);
}

function draw() {
  for (const chart of charts.values()) drawChart(chart);
}

function drawChart({ unit, now, svg, plot, lines }) {
  const values = [...lines.values()].flatMap(({ points }) => points.flatMap(([, value]) => value ?? []));
  const tells = values.some((value) => value !== 0);
  plot.parentElement.hidden = !tells;
  if (!tells) return;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isFlat = least > 0 && most - least < most / 10;
  const pad = Math.max((most - least) / 2, most / 20);
  const low = isFlat ? Math.max(0, least - pad) : Math.min(0, least);
  const high = isFlat ? most + pad : most * 1.05;
  const x = (atMs) => Math.round((atMs / run.toMs) * WIDTH * 10) / 10;
  const y = (value) => Math.round((1 - (value - low) / (high - low)) * HEIGHT * 10) / 10;
  svg.replaceChildren(
    ...run.phases.map(({ startMs, endMs }, index) => {
      const band = document.createElementNS(svg.namespaceURI, "rect");
      band.setAttribute("class", `phase${index % 2}`);
      band.setAttribute("x", x(startMs));
      band.setAttribute("width", x((endMs ?? run.toMs) - startMs));
      band.setAttribute("height", HEIGHT);
      return band;
    }),
    ...[...lines.values()].map(({ points, asked }, index) => {
      const path = document.createElementNS(svg.namespaceURI, "path");
      let drawing = false;
      const d = points.map(([atMs, value]) => {
        const step = value === null ? "" : `${drawing ? "L" : "M"}${x(atMs)} ${y(value)}`;
        drawing = value !== null;
        return step;
      });
      path.setAttribute("class", `line ${asked ? "asked" : `c${index % 4}`}`);
      path.setAttribute("d", d.join(""));
      return path;
    }),
  );
  const last = [...lines].map(([name, { points }]) => {
    const value = points.findLast(([, each]) => each !== null)?.[1];
    return value === undefined ? "" : `${lines.size > 1 ? `${name} ` : ""}${show(value, unit)}`;
  });
  now.textContent = last.filter(Boolean).join(", ");
  svg.setAttribute("aria-label", now.textContent);
  const label = (className, text, style) => Object.assign(element("span", className, text), { style });
  plot.replaceChildren(
    svg,
    label("y", show(high, unit), "top:0%"),
    label("y", show(low, unit), "top:100%"),
    label("x", "0", "left:0%"),
    label("x", show(Math.round(run.toMs / 1000) * 1000, "ms"), "left:100%"),
    ...(lines.size > 1 ? labelEnds([...lines], y, label) : []),
  );
}

// As near to the ends of their lines as they can stand without touching.
function labelEnds(lines, y, label) {
  const ends = lines
    .map(([name, { points, asked }], index) => ({
      name,
      colour: asked ? "asked" : `c${index % 4}`,
      top: (y(points.findLast(([, value]) => value !== null)?.[1] ?? 0) / HEIGHT) * 100,
    }))
    .sort((one, other) => one.top - other.top);
  let next = Number.NEGATIVE_INFINITY;
  return ends.map(({ name, colour, top }, rank) => {
    const at = Math.min(Math.max(top, next), 100 - 11 * (ends.length - 1 - rank));
    next = at + 11;
    return label(`end ${colour}`, name, `top:${at}%`);
  });
}

function listen() {
  const socket = new WebSocket(`ws://${location.host}/samples`);
  const state = document.getElementById("state");
  let ended = false;
  socket.onopen = () => {
    charts.clear();
    document.getElementById("charts").replaceChildren();
    state.textContent = "running";
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.html === undefined) return take(message);
    ended = true;
    // from here on the page is the report, and needs nobody
    document.open();
    document.write(message.html);
    document.close();
  };
  socket.onclose = () => {
    if (ended) return;
    state.textContent = "no longer heard of: it has ended without a word, or this page has lost it";
    setTimeout(listen, 2000);
  };
}

document.addEventListener("visibilitychange", () => document.hidden || draw());
listen();
