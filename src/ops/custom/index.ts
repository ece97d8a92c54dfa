/** Functions with derivative rules of a user's own. */
export { customJvp, type DerivativeOf } from "./custom-jvp.js"
export { customVjp, ReverseOnly, type ReverseRule } from "./custom-vjp.js"
export { customName } from "./names.js"
