/** Style sheets. Light and dark by the reader's setting; system fonts only. */

export const fonts = `system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif`

export const colours = `:root { color-scheme: light dark; --paper: #fbfbfa; --card: #fff; --ink: #1b1f24; --soft: #5d6570; --line: #e3e5e8; --grid: #edeff1; --accent: #eaf1fe; --check: #e7e9ec;
  --c0: #2563c9; --c1: #d1541b; --c2: #0b8566; --c3: #a83a8f; --c4: #a87b00; --c5: #5b6470; --c6: #0e86a8; --c7: #c0284a }
@media (prefers-color-scheme: dark) {
  :root { --paper: #121417; --card: #1a1d21; --ink: #e8eaed; --soft: #9aa3ad; --line: #2d3238; --grid: #262a2f; --accent: #1d2a3f; --check: #2b2f35;
    --c0: #74a9ff; --c1: #ff9462; --c2: #45cfa5; --c3: #e486cf; --c4: #e2b53e; --c5: #a9b2bd; --c6: #55c8e6; --c7: #ff7d92 } }`

/** What is drawn in a chart. */
export const chartStyle = `.s0 { --c: var(--c0) } .s1 { --c: var(--c1) } .s2 { --c: var(--c2) } .s3 { --c: var(--c3) } .s4 { --c: var(--c4) } .s5 { --c: var(--c5) } .s6 { --c: var(--c6) } .s7 { --c: var(--c7) }
.grid { stroke: var(--grid) } .axis { stroke: var(--soft); stroke-opacity: .6 }
.tick, .name { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums }
.line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.dense { stroke-width: 1; stroke-opacity: .75 } .raw { stroke-width: 1; stroke-opacity: .28 } .dashed.line { stroke-dasharray: 5 5 } .band { fill: var(--c); fill-opacity: .15 }
circle { fill: var(--c) }`

/** The page's. */
export const style = `
${colours}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 ${fonts} }
main { max-width: 1180px; margin: 0 auto; padding: 40px 28px 64px }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -.015em; font-weight: 650 }
h2 { margin: 44px 0 14px; font-size: 19px; letter-spacing: -.005em; font-weight: 620 }
h3 { margin: 0; font-size: 15px; font-weight: 620 }
p { margin: 0; max-width: 75ch }
.summary { margin-top: 10px; font-size: 16.5px; color: var(--soft) }
.note, figcaption p { color: var(--soft); font-size: 13.5px }
.note { margin-top: 8px }
small { display: block; color: var(--soft); font-size: 12.5px; font-weight: 400; line-height: 1.35 }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(190px, 45%), 1fr)); gap: 14px; margin: 26px 0 0 }
.headline div, .chart, .wide { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.headline div { padding: 14px 18px }
.headline dt { color: var(--soft); font-size: 13px }
.headline dd { margin: 2px 0 0; font-size: 27px; line-height: 1.25; font-weight: 640; letter-spacing: -.01em; font-variant-numeric: tabular-nums }
.headline small { letter-spacing: 0 }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px }
.chart { display: flex; flex-direction: column; margin: 0; padding: 16px 18px 12px }
.chart svg { display: block; width: 100%; height: auto; margin-top: auto; padding-top: 6px; overflow: visible }
.empty { padding: 40px 0; text-align: center; color: var(--soft) }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 8px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft) }
.legend b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums }
.legend i { display: inline-block; width: 16px; margin-right: 7px; border-top: 3px solid var(--c); vertical-align: middle; border-radius: 2px }
.legend i.dashed { border-top-style: dashed; border-radius: 0 }
${chartStyle}
.wide { overflow-x: auto }
.wide + .note + .wide, .wide + .wide { margin-top: 16px }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { padding: 12px 16px 0; text-align: left; font-weight: 620 }
th { text-align: left; font-weight: 500 }
thead th { color: var(--soft); font-size: 13px; white-space: nowrap }
.metrics th, .metrics td { padding: 9px 16px; border-top: 1px solid var(--line) }
.metrics thead th, .metrics thead td { border-top: 0 }
.metrics td, .metrics thead th { text-align: right }
.metrics b { font-weight: 680 }
.better { opacity: .75 } .none { color: var(--soft) }
.ours { background: var(--accent) } .ours th { font-weight: 640 }
.scenes th, .scenes td { padding: 7px 6px; text-align: center; vertical-align: middle }
.scenes tbody tr { border-top: 1px solid var(--line) }
.scenes tbody th { min-width: 116px; padding: 7px 10px 7px 16px; text-align: left; font-weight: 600 }
.scenes tbody th span { display: block; color: var(--soft); font-size: 12.5px; font-weight: 400; line-height: 1.4; white-space: nowrap }
.scenes tbody th .warning { color: var(--c1); white-space: normal; max-width: 18ch }
.scenes th i { display: inline-block; width: 9px; height: 9px; margin-right: 6px; border-radius: 2px }
.scenes img { display: block; width: 92px; height: auto; margin: 0 auto; border-radius: 4px; image-rendering: pixelated }
.mask { background: repeating-conic-gradient(var(--check) 0 25%, var(--card) 0 50%) 0 0 / 12px 12px }
.config { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); gap: 0 32px; margin: 0; font-size: 13.5px }
.config div { display: flex; justify-content: space-between; gap: 16px; padding: 5px 0; border-bottom: 1px solid var(--line) }
.config dt { color: var(--soft) } .config dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
.notes { margin: 0; padding-left: 18px; color: var(--soft); font-size: 13.5px } .notes li { margin: 4px 0; max-width: 90ch }
@media print { main { max-width: none; padding: 0 } .headline div, .chart, tr { break-inside: avoid } }
`
