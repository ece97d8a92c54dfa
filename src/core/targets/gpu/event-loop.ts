/** Lets timers and events of the page run between kernels: promises alone never do. */

const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve)
      return
    }
    // A message is a task without the four milliseconds that nested timeouts cost in browsers.
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })

/** Gives a function that hands the thread over where it was held for longer than this. */
export const createBreather = (milliseconds = 20): (() => Promise<void> | undefined) => {
  let last = performance.now()
  return () => {
    if (performance.now() - last < milliseconds) return undefined
    return nextTask().then(() => {
      last = performance.now()
    })
  }
}
