/** Forward passes as ONNX files, for other runtimes. */
export { type ExportError, type ExportOptions, exportOnnx } from "./export.js"
export {
  type AutoencoderExportOptions,
  exportSlate,
  exportSlotAutoencoder,
  type ModelExportOptions,
  type SlateExportOptions,
} from "./models.js"
