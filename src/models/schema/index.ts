/** Codecs for data from outside: records that refuse unknown keys by name, unions by tag, messages that say where. */
export { dotted } from "./dotted.js"
export { decodeAs } from "./message.js"
export { nearest } from "./nearest.js"
export {
  atLeastZero,
  between,
  type Codec,
  eitherOf,
  flag,
  fraction,
  listOf,
  oneOf,
  orNull,
  positive,
  recordOf,
  someText,
  whole,
} from "./numbers.js"
export { type Fields, type Optional, optional, type RecordOf, record } from "./record.js"
export { tagged, variant } from "./tagged.js"
