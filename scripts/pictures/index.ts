/** Pictures that the code makes for the pages, by their file in docs/images/. */
import { renderPicture } from "../../src/models/index.js"
import { easyChart, stiffChart } from "./convergence.js"
import { gradientErrorChart } from "./gradient-error.js"

export const pictures: Readonly<Record<string, () => Promise<string>>> = {
  "convergence-easy.svg": async () => renderPicture(easyChart()),
  "convergence-stiff.svg": async () => renderPicture(stiffChart()),
  "gradient-error.svg": async () => renderPicture(await gradientErrorChart()),
}
