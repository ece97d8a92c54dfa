import fc from "fast-check"
import { decode } from "fast-png"
import { describe, expect, test } from "vitest"
import { type Chart, type ReportData, renderPicture, renderReport, type SceneView } from "../../../src/models/report/index.js"
import { example } from "./example.js"

const [open, close] = [/<([a-z][a-z0-9]*)\b(?:[^<>"]|"[^"]*")*?(\/?)>/g, /<\/([a-z][a-z0-9]*)>/g]
const alone = new Set(["meta", "img"])

/** Every tag that opens is closed by its own, in order. */
const isWellNested = (html: string): boolean => {
  const body = html.slice(html.indexOf("<html"))
  const tags = [...body.matchAll(open)]
    .filter(([, name, slash]) => slash === "" && !alone.has(name!))
    .map((match) => ({ at: match.index, name: match[1]!, opens: true }))
    .concat([...body.matchAll(close)].map((match) => ({ at: match.index, name: match[1]!, opens: false })))
    .sort((a, b) => a.at - b.at)
  const stack: string[] = []
  for (const { name, opens } of tags) {
    if (opens) stack.push(name)
    else if (stack.pop() !== name) return false
  }
  return stack.length === 0
}

const picture = (html: string, alt: string) => {
  const match = new RegExp(`<img[^>]*src="data:image/png;base64,([^"]*)"[^>]*alt="${alt}"`).exec(html)
  if (match === null) throw new Error(`no picture "${alt}"`)
  return decode(Buffer.from(match[1]!, "base64"))
}

const page = (data: Omit<ReportData, "title">) => renderReport({ title: "A run", ...data })
const chart = (of: Partial<Chart>): string =>
  page({ curves: [{ title: "Loss", xLabel: "step", yLabel: "MSE", series: [{ name: "a", x: [0, 10], y: [1, 3] }], ...of }] })

/** The numbers of each line drawn in a chart: [x, y] of the picture. */
const lines = (html: string): number[][][] =>
  [...html.matchAll(/<path class="line[^"]*" d="([^"]*)"/g)].map(([, d]) =>
    [...d!.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
  )

describe("the page", () => {
  const html = renderReport(example)

  test("is well nested and stands alone", () => {
    expect(html.startsWith("<!doctype html>")).toBe(true)
    expect(isWellNested("<html><p><b></p></b></html>")).toBe(false)
    expect(isWellNested(html)).toBe(true)
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/https?:|<script|<link|@import|url\(|srcset/)
    for (const [, target] of html.matchAll(/(?:src|href)="([^"]*)"/g)) expect(target).toMatch(/^data:image\/png;base64,/)
  })

  test("shows every part, in both themes", () => {
    for (const heading of ["Metrics", "Training", "Convergence", "Scenes", "Configuration", "Notes"])
      expect(html).toContain(`<h2>${heading}</h2>`)
    expect(html).toContain("prefers-color-scheme: dark")
    expect(html.match(/<svg/g)).toHaveLength(6)
    expect(html.match(/<img/g)).toHaveLength(4 * 8)
    expect(html).not.toContain("undefined")
    expect(html.length).toBeLessThan(400_000)
  })

  test("leaves no trace of parts that are empty", () => {
    const bare = page({ curves: [], scenes: [], config: {}, tables: [], notes: [] })
    expect(bare).not.toMatch(/<h2|<table|<svg|<section/)
    expect(isWellNested(bare)).toBe(true)
  })

  test("text is text, wherever it comes from", () => {
    fc.assert(
      fc.property(fc.constantFrom(`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style>&lt;'`, "µ–ρ"), (text) => {
        const facts = [{ label: text, value: text, note: text }]
        const scene: SceneView = {
          title: text,
          width: 1,
          height: 1,
          image: [0, 0, 0],
          reconstruction: [0, 0, 0],
          masks: [1],
          scores: facts,
        }
        const hostile = renderReport({
          title: text,
          summary: text,
          headline: facts,
          tables: [
            { title: text, note: text, columns: [{ name: text, better: "lower" }], rows: [{ name: text, note: text, values: [1] }] },
          ],
          curves: [{ title: text, note: text, xLabel: text, yLabel: text, series: [{ name: text, x: [1], y: [2] }] }],
          scenes: [scene],
          config: { [text]: text },
          notes: [text],
        })
        expect(isWellNested(hostile)).toBe(true)
        expect(hostile).not.toMatch(/<script|<img src=x|<\/style>&/)
      }),
    )
  })
})

describe("curves", () => {
  test("stand where the axes say", () => {
    const html = chart({ series: [{ name: "a", x: [0, 5, 10], y: [0, 50, 100] }] })
    expect(lines(html)).toEqual([
      [
        [58, 230],
        [302, 120],
        [546, 10],
      ],
    ])
    for (const label of ["0", "20", "100"]) expect(html).toContain(`>${label}</text>`)
  })
  test("on a log scale decades are equally far apart and what is not positive is a gap", () => {
    const html = chart({ yScale: "log", series: [{ name: "a", x: [0, 1, 2, 3, 4], y: [1, 0.01, 0, 1e-4, 1e-4] }] })
    const d = /<path class="line" d="([^"]*)"/.exec(html)![1]!
    expect(d.match(/M/g)).toHaveLength(2)
    const [[top, middle, bottom]] = lines(html).map((line) => line.map(([, y]) => y!)) as [number[]]
    expect(middle! - top!).toBeCloseTo(bottom! - middle!, 0)
    expect(html).toContain(">10⁻⁴</text>")
  })
  test("a value that is not finite is a gap, and a last one shows in the legend", () => {
    const html = chart({ series: [{ name: "a", x: [0, 1, 2, 3], y: [1, Number.NaN, 2, Number.POSITIVE_INFINITY] }] })
    expect(lines(html)[0]).toHaveLength(2)
    expect(html).toContain("<b>∞</b>")
  })
  test("nothing finite, one point, one level: still a chart or a word", () => {
    expect(chart({ series: [{ name: "a", x: [0], y: [Number.NaN] }] })).toContain("nothing to draw")
    expect(chart({ series: [] })).toContain("nothing to draw")
    expect(chart({ yScale: "log", series: [{ name: "a", x: [0, 1], y: [0, -1] }] })).toContain("nothing to draw")
    for (const yScale of ["linear", "log"] as const) {
      for (const y of [[5], [5, 5], [1e-9, 1e-9], [1e300, 1e300]]) {
        const html = chart({ yScale, series: [{ name: "a", x: y.map((_, i) => i), y }] })
        expect(html).not.toContain("NaN")
        expect(lines(html)[0]).toHaveLength(y.length)
      }
    }
  })
  test.each([
    [1e5, 1e5 + 2 ** -36],
    [0, 5e-324],
  ])("values that differ in their last digit are one level: %d, %d", (...y) => {
    const html = chart({ series: [{ name: "a", x: [0, 1], y }] })
    const [[first, second]] = lines(html).map((line) => line.map(([, y]) => y)) as [number[]]
    expect(first).toBe(second)
  })
  test("any finite data stay inside the axes", () => {
    const value = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.double({ noNaN: true, min: 1e-12, max: 1e-3 }))
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 30 }),
        fc.constantFrom("linear", "log"),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (y, yScale, smoothing) => {
          const html = chart({ yScale, smoothing, series: [{ name: "a", x: y.map((_, i) => i), y }] })
          expect(html).not.toContain("NaN")
          for (const [x, at] of lines(html).flat()) {
            expect(x! >= 58 && x! <= 546).toBe(true)
            expect(at! >= 10 && at! <= 230).toBe(true)
          }
        },
      ),
    )
  })
  test("a long series is thinned out and keeps its one spike", () => {
    const x = Float64Array.from({ length: 100_000 }, (_, i) => i)
    const y = Float64Array.from(x, (i) => (i === 54_321 ? 1000 : Math.sin(i)))
    const html = chart({ series: [{ name: "a", x, y }] })
    expect(lines(html)[0]!.length).toBeLessThan(1300)
    expect(Math.min(...lines(html)[0]!.map(([, at]) => at!))).toBe(10)
    expect(html.length).toBeLessThan(60_000)
  })
  test("smoothing averages, without a bias at the start", () => {
    const html = chart({ smoothing: 0.9, series: [{ name: "a", x: [0, 1, 2], y: [7, 7, 7] }] })
    const [raw, smooth] = lines(html)
    expect(smooth).toEqual(raw)
    expect(html).toContain("<b>7</b>")
  })
  test("unequal lengths are named", () => {
    expect(() => chart({ series: [{ name: "a", x: [0, 1], y: [1] }] })).toThrow(`series "a" of chart "Loss" has 2 x values but 1 y values`)
  })
})

describe("scenes", () => {
  const scene: SceneView = {
    title: "S",
    width: 2,
    height: 1,
    image: [1, 0, 0.5, 0, 2, -1],
    reconstruction: [0, 0, 0, Number.NaN, 0, 0],
    masks: [0.25, 1, 0.75, 0], // two slots
    truth: [0, 1],
  }
  const html = page({ scenes: [scene] })

  test("pictures hold the pixels", () => {
    expect([...picture(html, "S: image").data]).toEqual([255, 0, 128, 0, 255, 0])
    expect([...picture(html, "S: slot 0").data]).toEqual([255, 0, 128, 64, 0, 255, 0, 255])
    expect([...picture(html, "S: slot 1").data]).toEqual([255, 0, 128, 191, 0, 255, 0, 0])
    const [truth, predicted] = [picture(html, "S: truth").data, picture(html, "S: segmentation").data]
    expect([...predicted.slice(0, 3)]).toEqual([...truth.slice(3)]) // slot 1 at the first pixel, piece 1 at the second
  })
  test("what is not finite is said", () => {
    expect(html).toContain("1 values are not finite (painted black)")
  })
  test("slots' own colours are used where given, and slots may differ from scene to scene", () => {
    const own = page({
      scenes: [
        { ...scene, slotColours: [0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1] },
        { ...scene, title: "T", masks: [1, 1, 0, 0, 0, 0] },
      ],
    })
    expect([...picture(own, "S: slot 0").data]).toEqual([0, 0, 255, 64, 0, 0, 255, 255])
    expect(own).toContain("slot 2</th>")
    expect(isWellNested(own)).toBe(true)
  })
  test("sizes that do not fit are named", () => {
    expect(() => page({ scenes: [{ ...scene, image: [1] }] })).toThrow(`image of scene "S" needs 6 values, found 1`)
    expect(() => page({ scenes: [{ ...scene, masks: [1, 2, 3] }] })).toThrow(`masks of scene "S" must be [slots, 1, 2], found 3 values`)
  })
})

describe("metric table", () => {
  const table = {
    title: "M",
    columns: [
      { name: "ARI", better: "higher", digits: 2 },
      { name: "MSE", better: "lower" },
    ],
    rows: [
      { name: "ours", values: [0.5, 0.002], ours: true },
      { name: "baseline", values: [0.25, null] },
      { name: "broken", values: [Number.NaN, 0.001] },
    ],
  } as const
  test("sets the best in bold, a dash where nothing applies, and shows NaN", () => {
    const html = page({ tables: [table] })
    expect([...html.matchAll(/<td>(?!<\/)(.*?)<\/td>/g)].map(([, cell]) => cell)).toEqual([
      "<b>0.50</b>",
      "0.002",
      "0.25",
      "NaN",
      "<b>0.001</b>",
    ])
    expect(html).toContain(`<td class="none">–</td>`)
    expect(html).toContain(`<tr class="ours">`)
  })
  test("of sizes no value is the best, and no way is better", () => {
    const html = page({ tables: [{ ...table, columns: table.columns.map(({ name }) => ({ name, better: "neither" })) }] })
    expect(html).not.toMatch(/<b>|is better/)
    expect(html).toContain(`<th scope="col">ARI</th>`)
  })
  test("rows that do not fit are named", () => {
    expect(() => page({ tables: [{ ...table, rows: [{ name: "short", values: [1] }] }] })).toThrow(
      `row "short" of table "M" needs 2 values, one a column, found 1`,
    )
  })
})

describe("a picture", () => {
  const title = "A title <of> so many words that no line of the picture could hold them all, whatever the letters are"
  const of: Chart = {
    title,
    xLabel: "step",
    yLabel: "size",
    yScale: "log",
    note: "What to look for.",
    series: [
      { name: "one & only", x: [0, 10, 20], y: [1, 0.1, 0.01] },
      { name: "another", x: [0, 10, 20], y: [1, 0.5, 0.25], dashed: true },
    ],
  }
  const svg = renderPicture(of)

  test("is an SVG file that stands alone, with the lines of the page's chart", () => {
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true)
    expect(isWellNested(`<html>${svg}</html>`)).toBe(true)
    expect(svg).not.toMatch(/<script|<link|@import|url\(|href|srcset|undefined|NaN/)
    expect(lines(svg)).toEqual(lines(page({ curves: [of] })))
  })

  test("says title, note and names, in lines that fit, in both themes", () => {
    const texts = [...svg.matchAll(/<text class="(?:title|words)"[^>]* y="(\d+)">([^<]*)</g)].map(([, y, text]) => ({
      y: Number(y),
      text: text!,
    }))
    const whole = texts.map(({ text }) => text).join(" ")
    expect(whole).toBe(`${title.replace("<", "&lt;").replace(">", "&gt;")} What to look for. one &amp; only another`)
    expect(texts.every(({ text }) => text.length < 75)).toBe(true)
    expect(new Set(texts.slice(0, -1).map(({ y }) => y)).size).toBe(texts.length - 1)
    expect(svg).toContain("prefers-color-scheme: dark")
  })

  test("needs a finite value", () =>
    expect(() => renderPicture({ ...of, series: [{ name: "a", x: [0], y: [Number.NaN] }] })).toThrow("has no finite values"))
})
