/** How every page of ours looks: light and dark, on paper, on a phone. Colours of text meet WCAG AA (4.5 : 1) on both grounds. */
import { Markup } from "./markup.ts";

export const STYLE = new Markup(`
:root{color-scheme:light dark;--text:#1b1f24;--muted:#57606a;--ground:#fff;--soft:#f6f8fa;--edge:#d8dee4;--fail:#b3261e;--pass:#1a7f37;--unsure:#8a5d00;--c0:#0b5cad;--c1:#a04d00;--c2:#6b3fa0;--c3:#00707a}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--muted:#9198a1;--ground:#0d1117;--soft:#161b22;--edge:#30363d;--fail:#ff7b72;--pass:#3fb950;--unsure:#d29922;--c0:#6cb6ff;--c1:#f0a35e;--c2:#c8a1ff;--c3:#4fd1d9}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1040px;padding:20px;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1{margin:0;font-size:22px}h2{margin:32px 0 8px;font-size:17px}h3{margin:0 0 6px;font-size:15px}
p{margin:4px 0}a{color:var(--c0)}
.facts,.limit,figcaption span,.aside{color:var(--muted)}
.verdict{margin:14px 0;padding:12px 16px;border-left:6px solid var(--muted);background:var(--soft)}
.verdict b{font-size:19px}
.pass,.held,.caught,.silent{--mark:var(--pass)}.fail,.broken,.error,.missed,.false-alarm{--mark:var(--fail)}.inconclusive,.unknown,.interrupted,.unfinished,.undecided,.unreadable{--mark:var(--unsure)}.skipped{--mark:var(--muted)}
.verdict.pass,.verdict.fail,.verdict.error,.verdict.inconclusive,.verdict.interrupted{border-color:var(--mark)}
.verdict b,.mark{color:var(--mark);font-weight:600}
.marks{display:flex;flex-wrap:wrap;gap:2px 6px;margin:6px 0;padding:0;list-style:none}.marks a{text-decoration:none}
.spark{vertical-align:middle}.figures td{white-space:nowrap}.figures td:first-child{min-width:220px;white-space:normal}.size{color:var(--muted)}
.wide{overflow-x:auto;overflow-wrap:normal}
table{width:100%;border-collapse:collapse}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--edge);text-align:left;vertical-align:top}
th{color:var(--muted);font-size:13px;font-weight:600;white-space:nowrap}
.mark{white-space:nowrap}.broken td:nth-child(3){color:var(--fail);font-weight:600}
.why{margin:10px 0;padding:10px 16px;border:1px solid var(--edge);border-left:4px solid var(--fail)}
.why ul,.trust{margin:4px 0;padding-left:20px}
code,pre{background:var(--soft);font:13px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
code{padding:1px 4px;border-radius:3px}pre{padding:10px 12px;white-space:pre-wrap}
summary{margin:8px 0;color:var(--muted);cursor:pointer}
.chart{margin:0 0 26px}
.legend{display:none;margin:2px 0;padding:0;list-style:none}
.plot{position:relative;height:170px;margin:22px 120px 24px 72px}
.plot svg{position:absolute;width:100%;height:100%;overflow:hidden}
.plot span{position:absolute;color:var(--muted);font-size:12px;line-height:14px;white-space:nowrap}
.plot .y{right:calc(100% + 8px);transform:translateY(-50%)}
.plot .x{top:calc(100% + 5px);transform:translateX(-50%)}
.plot .x.last{transform:translateX(-100%)}
.plot .phase{top:-17px;padding-left:2px}
.plot .end{left:calc(100% + 8px);transform:translateY(-50%);font-weight:600}
.picture{display:block;max-width:720px}.picture text{fill:var(--text);font-size:11px}.picture circle{fill:var(--c0)}.arrow{fill:none;stroke:var(--muted);stroke-width:1.2}.arrow.weak{stroke-dasharray:2 3}.arrow.cut{stroke:var(--fail);stroke-width:2;stroke-dasharray:7 4}.head{fill:var(--muted)}.head.cut{fill:var(--fail)}
.grid{stroke:var(--edge);vector-effect:non-scaling-stroke}
rect{fill:none}rect.phase1{fill:var(--soft)}
.line{fill:none;stroke:currentColor;stroke-width:1.5;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.line.asked{stroke-dasharray:5 4}
.dots{fill:none;stroke:currentColor;stroke-width:5;stroke-linecap:round;vector-effect:non-scaling-stroke}
.limitline{fill:none;stroke:var(--fail);stroke-width:1;stroke-dasharray:2 3;vector-effect:non-scaling-stroke}
.trend{fill:none;stroke:var(--muted);stroke-width:2;vector-effect:non-scaling-stroke}.band{fill:var(--muted);opacity:.18}.trend.growing{stroke:var(--fail)}.band.growing{fill:var(--fail)}
.plot .limitlabel,.plot .trendlabel{padding:0 3px;background:var(--ground)}.plot .limitlabel,.plot .growing{color:var(--fail)}.plot .broken{font-weight:600}
.c0,.plot .c0{color:var(--c0)}.c1,.plot .c1{color:var(--c1)}.c2,.plot .c2{color:var(--c2)}.c3,.plot .c3{color:var(--c3)}.asked,.plot .asked{color:var(--muted)}
.plot .cross{top:0;bottom:0;width:1px;background:var(--muted);visibility:hidden}
.plot .tip{top:4px;padding:2px 7px;border-radius:4px;background:var(--text);color:var(--ground);visibility:hidden;z-index:1}
@media(max-width:999px){.plot .roomy{display:none}}
@media(max-width:640px){body{padding:12px}.plot{height:130px;margin:8px 14px 24px 64px}.plot .end,.plot span.phase,.plot .trendlabel,.plot .x.odd{display:none}.plot .limitlabel{left:0!important;right:auto!important}.legend{display:flex;flex-wrap:wrap;gap:0 14px;font-size:13px}.invariants tr{display:block;padding:8px 0;border-bottom:1px solid var(--edge)}.invariants td{display:block;padding:0;border:0}.invariants tr:first-child,.invariants td:empty{display:none}.invariants .limit::before{content:"limit "}}
@media print{details::details-content{content-visibility:visible;block-size:auto}body{max-width:none;padding:0}.chart,.why,tr{break-inside:avoid}.plot .cross,.plot .tip{display:none}}
`);
