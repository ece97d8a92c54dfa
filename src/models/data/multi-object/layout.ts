/** How the files of a set lay out a scene, as data. Source: the readers of DeepMind's multi-object data sets (Apache-2.0). */

/** Where an example of a set has what. */
export interface MultiObjectLayout {
  readonly height: number
  readonly width: number
  /** Bytes of a pixel of `image`: 3, or 1 for grey. */
  readonly channels: 1 | 3
  /** Masks of a scene, the background's (or backgrounds') first. */
  readonly entities: number
  /** Whether `mask` is `[entities, height, width]` or `[height, width, entities]`. */
  readonly maskOrder: "entitiesFirst" | "entitiesLast"
  /** Lists of floats, with how many an entity has. */
  readonly factors: Readonly<Record<string, number>>
}

const sprites = { x: 1, y: 1, shape: 1, visibility: 1, orientation: 1, scale: 1 }
const sprite64 = { height: 64, width: 64, channels: 3, maskOrder: "entitiesLast", factors: { ...sprites, color: 3 } } as const

/**
 * Layouts of the published sets.
 *
 * @example
 * multiObjectLayouts.tetrominoes.entities // 4: the background and three pieces
 */
export const multiObjectLayouts = {
  tetrominoes: {
    height: 35,
    width: 35,
    channels: 3,
    entities: 4,
    maskOrder: "entitiesFirst",
    factors: { x: 1, y: 1, shape: 1, color: 3, visibility: 1 },
  },
  multiDspritesBinarized: { ...sprite64, channels: 1, entities: 4, factors: { ...sprites, color: 1 } },
  multiDspritesColoredOnGrayscale: { ...sprite64, entities: 6 },
  multiDspritesColoredOnColored: { ...sprite64, entities: 5 },
  objectsRoom: { height: 64, width: 64, channels: 3, entities: 7, maskOrder: "entitiesFirst", factors: {} },
} as const satisfies Readonly<Record<string, MultiObjectLayout>>
