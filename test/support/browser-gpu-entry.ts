/** What the GPU tests call on a page. */
export { runJobs } from "./gpu-driver.js"
