/** JSON that comes back as it went: what JSON cannot hold is refused by name, not turned into `null`. */
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, decodeError } from "../failure.js"

/** Data that JSON can hold. Numbers must be finite; a `-0` stays `-0`. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const depthLimit = 100

/** Keys that would reach an object's prototype in careless hands. They are refused wherever names come from outside. */
export const isUnsafeKey = (key: string): boolean => key === "__proto__" || key === "constructor" || key === "prototype"

class Unwritable extends Error {}

const write = (value: unknown, path: string, depth: number): string => {
  if (depth > depthLimit) throw new Unwritable(`${path} is nested deeper than ${depthLimit} levels (does it contain itself?)`)
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value)
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Unwritable(`${path} is ${value}, which JSON cannot hold; write it as a string`)
    return Object.is(value, -0) ? "-0" : JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}[${i}]`, depth + 1)).join(",")}]`
  if (typeof value === "object" && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)) {
    const members = Object.entries(value).map(([key, item]) => {
      if (isUnsafeKey(key)) throw new Unwritable(`${path} has the key "${key}", which is not safe to read back; rename it`)
      return `${JSON.stringify(key)}:${write(item, `${path}.${key}`, depth + 1)}`
    })
    return `{${members.join(",")}}`
  }
  throw new Unwritable(
    `${path} is ${typeof value === "object" ? "not a plain object" : `of type ${typeof value}`}; only JSON data can be written`,
  )
}

/**
 * Text of `value`. A `Left` names the place of the first thing that JSON would not give back: a number that is not finite, `undefined`,
 * a function, a class instance, an unsafe key, data that contains itself.
 *
 * @param name what the message calls the value
 */
export const stringify = (value: Json, name: string): E.Either<DecodeError, string> => {
  try {
    return E.right(write(value, name, 0))
  } catch (error) {
    if (error instanceof Unwritable) return E.left(decodeError(error.message))
    throw error
  }
}

/** What makes parsed data unfit to hand on: an unsafe key, or nesting that a recursive reader would not survive. */
const unfit = (value: Json): string | undefined => {
  const open: [Json, number][] = [[value, 0]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [item, depth] = next
    if (typeof item !== "object" || item === null) continue
    if (depth > depthLimit) return `is nested deeper than ${depthLimit} levels`
    for (const [key, member] of Object.entries(item)) {
      if (isUnsafeKey(key)) return `has the key "${key}", which is not safe to read`
      open.push([member, depth + 1])
    }
  }
  return undefined
}

/**
 * Parses text from outside. A `Left` when it is no JSON, has a key like `__proto__` anywhere, or is nested deeper than 100 levels.
 *
 * @param name what the message calls the text
 */
export const parse = (text: string, name: string): E.Either<DecodeError, Json> => {
  try {
    const value: Json = JSON.parse(text)
    const why = unfit(value)
    return why === undefined ? E.right(value) : E.left(decodeError(`${name} ${why}; the file is damaged or was not written by Stillpoint`))
  } catch (error) {
    return E.left(decodeError(`${name} is not valid JSON (${error instanceof Error ? error.message : String(error)})`))
  }
}
