"""How the report looks: on a screen of any width, light or dark, and on paper."""

from __future__ import annotations

from linkage.release.charts.drawing import STYLE as CHART_STYLE
from linkage.release.palette import palette_css

STYLE = (
    palette_css(":root")
    + """
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 69rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.6rem 0 .5rem; border-top: 2px solid var(--mark);
  padding-top: .6rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p, ul, ol { max-width: 44rem; } ul, ol { padding-left: 1.3rem; } li { margin: .3rem 0; }
a { color: var(--mark); }
.purpose { font-size: 1.1rem; } .faint { color: var(--faint); }
.findings { background: var(--stripe); border-left: 4px solid var(--mark); padding: .2rem 1.2rem .8rem;
  margin: 1.6rem 0; max-width: 50rem; }
.findings h2 { border: 0; margin: .6rem 0 0; padding: 0; } .findings ol { font-size: 1.08rem; }
nav ul { columns: 18rem; list-style: none; padding: 0; max-width: none; } nav li { margin: .15rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.2rem; margin: .6rem 0; max-width: 52rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1.2rem 0; } figcaption { color: var(--faint); margin-top: .5rem; max-width: 44rem; font-size: .95rem; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--mark); }
.scroll > svg { display: block; height: auto; }
.panels { display: flex; flex-wrap: wrap; gap: .4rem .8rem; } .panels svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: .92rem; }
@media screen { caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; } .scroll { position: relative; } }
caption { text-align: left; color: var(--faint); padding: .2rem 0 .4rem; }
th, td { padding: .3rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { vertical-align: bottom; }
tbody tr:nth-child(even) { background: var(--stripe); }
tbody th { font-weight: normal; min-width: 5rem; }
th.number, td.number { text-align: right; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; } td.none { color: var(--faint); }
td.model { font-style: italic; } .beside { display: block; font-size: .8em; color: var(--faint); }
.tag { display: inline-block; font-size: .75em; font-weight: 600; font-style: normal; border: 1px solid var(--edge);
  border-radius: .2rem; padding: 0 .3rem; margin-left: .3rem; white-space: nowrap; }
summary { cursor: pointer; color: var(--mark); padding: .4rem 0; max-width: 44rem; }
.fold:not([open]) + .scroll { display: none; }
.on-paper { display: none; }
code { font-size: .85em; overflow-wrap: anywhere; }
@media (max-width: 34rem) { main { padding: 1rem 1rem 3rem; } h1 { font-size: 1.5rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } th, td { padding: .3rem .5rem; }
  .findings { padding: .2rem .8rem .6rem; } }
@media print {
  @page { margin: 16mm 14mm; }
  main { max-width: none; padding: 0; } body { font-size: 10pt; } nav { display: none; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 1.6rem; break-after: avoid; } h3 { break-after: avoid; }
  h2 + p { break-inside: avoid; break-after: avoid; }
  .scroll { overflow: visible; } .scroll > svg { max-width: 100%; max-height: 215mm; min-width: 0 !important; }
  .panels svg { max-width: 48%; }
  figcaption { font-size: 8.5pt; } .beside { display: inline; margin-left: .4em; }
  table { font-size: 8pt; } th, td { padding: .15rem .35rem; } tbody th { min-width: 0; }
  tr, figure, .findings, dl { break-inside: avoid; } thead { display: table-header-group; }
  .fold { display: none; } .fold + .scroll { display: block !important; }
  .fold.long + .scroll { display: none !important; } .on-paper { display: block; }
  a { color: inherit; text-decoration: none; }
}
"""
    + CHART_STYLE
)
