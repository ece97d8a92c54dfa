/** The errors that host code of the models gives: thrown for a badly typed call, a `Left` for anything that comes from outside. */
import { type StillpointError, TraceError } from "../core/index.js"

export { TraceError }

/** Bytes or text from outside that are not what they should be. */
export type DecodeError = Extract<StillpointError, { readonly _tag: "DecodeError" }>

/** A file that could not be read or written. */
export type FileError = Extract<StillpointError, { readonly _tag: "FileError" }>

export const decodeError = (message: string): DecodeError => ({ _tag: "DecodeError", message })

export const fileError = (path: string, message: string): FileError => ({ _tag: "FileError", path, message })
