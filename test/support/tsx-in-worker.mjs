/** `--import` this in a worker thread that is to load TypeScript: tsx registers itself in main threads only. */
import { register } from "tsx/esm/api"

register()
