/** The `stillpoint` command in this process, for the many cases that need no process of their own. */
import { vi } from "vitest"
import { runCommand } from "../../src/cli/command.js"

/** What it printed on standard output and standard error, and its exit code. */
export const command = async (
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
  let [out, err] = ["", ""]
  const spies = [
    vi.spyOn(console, "log").mockImplementation((line: unknown) => void (out += `${line}\n`)),
    vi.spyOn(console, "error").mockImplementation((line: unknown) => void (err += `${line}\n`)),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => (out += String(text)) !== ""),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => (err += String(text)) !== ""),
  ]
  try {
    const code = await runCommand(argv)
    return { code, out, err }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
