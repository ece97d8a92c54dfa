/** Images from slots. */
export { type Recombination, recombinationSheet, recombine } from "./recombine.js"
