/**
 * One run at a time in a folder. Node only.
 *
 * The lock is a file `.lock-<n>`, made whole in one step (by a hard link) and never made twice with the same n. Whoever made the one with the
 * largest n holds the lock. It is released by adding a line to it, not by deleting it, and it is taken over by making n + 1 when its
 * process is gone; files with a smaller n are swept up. Since the largest n only grows, two that find the same dead lock can't both win.
 */
import { randomBytes } from "node:crypto"
import { closeSync, constants, linkSync, openSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync, writeSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { fromSystem } from "../checkpoint/index.js"
import { type FileError, fileError } from "../failure.js"

/** Who holds a lock. `born` tells processes apart that had the same number: the start time that Linux keeps, or "" elsewhere. */
const Owner = t.type({ pid: t.number, host: t.string, born: t.string, since: t.string }, "LockOwner")
type Owner = t.TypeOf<typeof Owner>

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && "code" in error && error.code === code

/** A lock that is held. */
export interface Lock {
  /** Gives the lock back. Calls after the first do nothing. */
  readonly release: () => void
}

const released = "\nreleased\n"
const lockName = /^\.lock-(\d{1,15})$/

/**
 * Start time of a process in clock ticks since the machine's own start, with that start's name: together they never repeat. `undefined` when
 * there is no such process (a zombie is none), `""` when the system does not tell.
 */
const bornOf = (pid: number): string | undefined => {
  try {
    // "pid (name) state ppid ...": the name may hold anything, so count from its closing bracket
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").slice(-1)[0]!.split(" ")
    if (fields[0] === "Z" || fields[0] === "X") return undefined
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()} ${fields[19]}`
  } catch {
    try {
      process.kill(pid, 0)
      return ""
    } catch (error) {
      return hasCode(error, "EPERM") ? "" : undefined
    }
  }
}

const isGone = ({ pid, host, born }: Owner): boolean => {
  if (host !== hostname()) return false
  const now = bornOf(pid)
  return now === undefined || (born !== "" && now !== "" && now !== born)
}

/** The largest n of all lock files, -1 for none. */
const newest = (folder: string): number => Math.max(-1, ...readdirSync(folder).map((name) => Number(lockName.exec(name)?.[1] ?? -1)))

const pathOf = (folder: string, n: number): string => join(folder, `.lock-${n}`)

/** Whether lock n stands in the way, and whose it is. */
const holder = (folder: string, n: number): "nobody" | "unreadable" | Owner => {
  const text = readFileSync(pathOf(folder, n), "utf8")
  if (text.endsWith(released)) return "nobody"
  try {
    const owner = Owner.decode(JSON.parse(text))
    if (E.isRight(owner)) return isGone(owner.right) ? "nobody" : owner.right
  } catch {
    // not ours
  }
  return "unreadable"
}

/** Makes lock n with its contents in one step; false when it is there already. */
const make = (folder: string, n: number, owner: Owner): boolean => {
  const draft = join(folder, `.lock-draft-${process.pid}-${randomBytes(6).toString("hex")}`)
  writeFileSync(draft, JSON.stringify(owner))
  try {
    linkSync(draft, pathOf(folder, n))
    return true
  } catch (error) {
    if (hasCode(error, "EEXIST") || hasCode(error, "ENOENT")) return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

const sweep = (folder: string, n: number): void => {
  for (const name of readdirSync(folder)) {
    const draft = /^\.lock-draft-(\d+)-/.exec(name)
    const old = lockName.exec(name)
    if ((old !== null && Number(old[1]) < n) || (draft !== null && bornOf(Number(draft[1])) === undefined)) {
      try {
        unlinkSync(join(folder, name))
      } catch {
        // somebody else swept it
      }
    }
  }
}

const lockOf = (path: string): Lock => {
  let held = true
  return {
    release: () => {
      if (!held) return
      held = false
      try {
        const file = openSync(path, constants.O_WRONLY | constants.O_APPEND) // appends, and makes no file where there is none
        writeSync(file, released)
        closeSync(file)
      } catch {
        // the folder was deleted, and the lock with it
      }
    },
  }
}

/**
 * Takes the lock of `folder`, which must exist, or says who holds it. The lock of a process that is gone is taken over (on the same
 * host; another host's processes can't be asked).
 *
 * `Left(FileError)` when a living process holds it, this one included, or the system refuses.
 */
export const acquireLock = (folder: string): E.Either<FileError, Lock> => {
  const owner: Owner = { pid: process.pid, host: hostname(), born: bornOf(process.pid) ?? "", since: new Date().toISOString() }
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      const last = newest(folder)
      try {
        const held = last < 0 ? "nobody" : holder(folder, last)
        if (held === "unreadable") {
          return E.left(fileError(folder, `${pathOf(folder, last)} is no lock of Stillpoint; delete it if no run is using ${folder}`))
        }
        if (held !== "nobody") {
          const who = held.host === hostname() ? `process ${held.pid}` : `process ${held.pid} on ${held.host}`
          return E.left(
            fileError(
              folder,
              `the run folder ${folder} is in use by ${who} since ${held.since}; wait for it, stop it, or choose another name` +
                (held.host === hostname() ? "" : ` (if that process is gone, delete ${pathOf(folder, last)})`),
            ),
          )
        }
      } catch (error) {
        if (hasCode(error, "ENOENT")) continue // swept while we looked: somebody made a newer one
        throw error
      }
      const mine = last + 1
      if (!make(folder, mine, owner)) continue
      if (newest(folder) > mine) {
        // we had looked before others came and went; theirs is newer and counts
        rmSync(pathOf(folder, mine), { force: true })
        continue
      }
      sweep(folder, mine)
      return E.right(lockOf(pathOf(folder, mine)))
    }
    return E.left(fileError(folder, `could not lock ${folder}: too many processes are trying at once; try again`))
  } catch (error) {
    return E.left(fromSystem("lock", folder)(error))
  }
}
