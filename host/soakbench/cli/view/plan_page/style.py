"""The page's looks, on a screen and on paper."""

CSS = """
:root { color: #1a1a1a; background: #fff; font: 15px/1.45 system-ui, "Segoe UI", "Helvetica Neue",
  Arial, sans-serif; }
body { max-width: 1180px; margin: 1.6rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
h3 { font-size: 1rem; margin: 1.1rem 0 .3rem; }
p { margin: .3rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .6rem 0; }
dt { color: #555; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: .87rem; }
th { text-align: left; font-weight: 600; color: #444; border-bottom: 1.5px solid #888; }
th, td { padding: .2rem .55rem .2rem 0; vertical-align: top; }
td { border-bottom: 1px solid #ddd; }
td.when, td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.again { color: #333; background: #f3f5f8; padding-left: .5rem; }
tr.instant td { color: #555; }
ul { margin: .3rem 0; padding-left: 1.2rem; }
.quiet { color: #555; font-size: .87rem; }
.warning { border-left: 4px solid #d08a00; padding-left: .6rem; }
svg { width: 100%; height: auto; display: block; margin: .8rem 0 .2rem; }
svg text { font-size: 11px; fill: #222; }
svg .track { font-size: 13px; font-weight: 700; }
svg .day { font-size: 11.5px; font-weight: 600; }
svg .small { font-size: 10px; fill: #444; }
svg .cells { font-size: 10px; text-anchor: end; fill: #333; }
svg .in { font-size: 11px; text-anchor: middle; }
svg .halo { paint-order: stroke; stroke: #fff; stroke-opacity: .9; stroke-width: 4px; }
svg .bar { stroke: #333; stroke-width: .7; }
svg .night { fill: #e8ebf2; }
svg .frame { fill: none; stroke: #999; stroke-width: .8; }
svg .tick { stroke: #d4d8df; stroke-width: .7; fill: none; }
svg .midnight { stroke: #98a0ad; stroke-width: .8; fill: none; }
svg .change { stroke: #1a1a1a; stroke-width: 1; stroke-dasharray: 2 3; fill: none; }
svg .edge { stroke: #777; stroke-width: .8; fill: none; }
svg .jv { stroke: #10357a; stroke-width: 2; fill: none; }
svg .person { stroke: #7a1fa2; stroke-width: 1.2; stroke-dasharray: 3 2; fill: none; }
svg .disc { fill: #7a1fa2; }
svg .number { font-size: 9.5px; font-weight: 700; fill: #fff; text-anchor: middle; }
svg .OC { fill: #fff; stroke: #555; stroke-width: .7; }
svg .SC { fill: #333; stroke: #333; stroke-width: .7; }
svg .load { font-size: 8px; } svg .of-SC { fill: #fff; }
.legend svg { width: 26px; height: 14px; display: inline-block; vertical-align: -2px; margin: 0; }
.legend span { display: inline-block; margin: 0 1.1rem .2rem 0; white-space: nowrap; }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  :root { font-size: 11px; }
  body { margin: 0; padding: 0; max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  tr, .picture { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
"""
