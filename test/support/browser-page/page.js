// Loads the bundle that the query names; the harness waits for `stillpointEntry` and calls its exports.
const bundle = new URLSearchParams(location.search).get("bundle")
if (bundle !== null) globalThis.stillpointEntry = await import(bundle)
