/** What a report shows. Plain data; pictures and curves are typed arrays as a run has them. */

/** One line of a chart. */
export interface Series {
  readonly name: string
  /** Abscissae, in rising order. */
  readonly x: ArrayLike<number>
  /** As many ordinates. Where one is not finite (or not positive on a log scale) the line has a gap. */
  readonly y: ArrayLike<number>
  /** Edges of a shaded band around the line, such as two quantiles; as many values. */
  readonly low?: ArrayLike<number>
  readonly high?: ArrayLike<number>
  /** A baseline or a comparison. Default false. */
  readonly dashed?: boolean
}

/** A line chart. */
export interface Chart {
  readonly title: string
  /** What the axes show, with units. */
  readonly xLabel: string
  readonly yLabel: string
  /** Default `"linear"`. */
  readonly yScale?: "linear" | "log"
  /** Fixed ends of the y axis. Default: those of the data. */
  readonly yRange?: readonly [low: number, high: number]
  /** At most eight read well. */
  readonly series: readonly Series[]
  /** Weight of the past in an exponential moving average that is drawn over the faint raw line; in [0, 1). Default 0: raw only. */
  readonly smoothing?: number
  /** A sentence under the title: what to look for. */
  readonly note?: string
}

/** One scene: what went in, what came out, and who claimed what. Pixels are row-major from the top left corner. */
export interface SceneView {
  readonly title: string
  readonly width: number
  readonly height: number
  /** `[height, width, 3]`, in [0, 1]; values outside are clamped. */
  readonly image: ArrayLike<number>
  /** `[height, width, 3]`, in [0, 1]. */
  readonly reconstruction: ArrayLike<number>
  /** Further pictures, `[height, width, 3]`, in [0, 1]. */
  readonly pictures?: readonly { readonly name: string; readonly pixels: ArrayLike<number> }[]
  /** `[slots, height, width]`, in [0, 1]. */
  readonly masks: ArrayLike<number>
  /** Each slot's own picture, `[slots, height, width, 3]`; default: the image. A mask picture is this colour, as opaque as the mask. */
  readonly slotColours?: ArrayLike<number>
  /** Predicted label of each pixel. Default: the slot with the largest mask. */
  readonly segmentation?: ArrayLike<number>
  /** True label of each pixel, 0 the background, shown beside the prediction. */
  readonly truth?: ArrayLike<number>
  /** A few numbers about this scene, shown under its title. */
  readonly scores?: readonly Fact[]
}

/** A labelled number or word. Numbers are shown with four significant digits. */
export interface Fact {
  readonly label: string
  readonly value: number | string
  /** What it is compared with, or its spread. */
  readonly note?: string
}

/** Runs and baselines side by side. The best value of each column is set in bold. */
export interface MetricTable {
  readonly title: string
  readonly columns: readonly {
    readonly name: string
    /** `neither`: sizes and the like, of which no value is marked as the best. */
    readonly better: "higher" | "lower" | "neither"
    /** Digits after the point. Default: four significant digits. */
    readonly digits?: number
  }[]
  readonly rows: readonly {
    readonly name: string
    readonly note?: string
    /** One a column; `null`: does not apply. */
    readonly values: readonly (number | null)[]
    /** Marks the run that the report is about. */
    readonly ours?: boolean
  }[]
  readonly note?: string
}

/** Everything on the page, from top to bottom. Parts that are left out or empty leave no trace. */
export interface ReportData {
  readonly title: string
  /** What was done and what came out, in a sentence or two. */
  readonly summary?: string
  /** The few numbers that matter. */
  readonly headline?: readonly Fact[]
  readonly tables?: readonly MetricTable[]
  /** Loss and other curves over steps. */
  readonly curves?: readonly Chart[]
  /** Residual against iteration, usually on a log scale. */
  readonly convergence?: readonly Chart[]
  readonly scenes?: readonly SceneView[]
  /** Settings by name, as the run had them. */
  readonly config?: Readonly<Record<string, string | number | boolean | null>>
  /** How the numbers were got: machine, seeds, definitions. */
  readonly notes?: readonly string[]
}
