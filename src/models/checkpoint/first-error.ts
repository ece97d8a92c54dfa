/** One clear line from the errors of an io-ts codec. */
import type { Errors } from "io-ts"
import { shown } from "../../core/index.js"

/** The first error: where it is, what was expected (the name of the codec there) and what was found. */
export const firstError = (errors: Errors): string => {
  const error = errors[0]
  const last = error?.context[error.context.length - 1]
  if (error === undefined || last === undefined) return "it does not match its codec"
  if (error.message !== undefined) return error.message
  const path = error.context.map((entry) => entry.key).filter((key) => key !== "")
  return `${path.length === 0 ? "it" : `"${path.join(".")}"`} must be ${last.type.name}, found ${shown(error.value)}`
}
