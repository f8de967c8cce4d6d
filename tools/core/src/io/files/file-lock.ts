import { randomBytes } from 'node:crypto'
import { lstat, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from '../../values/digest.ts'
import { WaybillError, isWaybillError, messageOf } from '../../values/error.ts'
import { asFileError, isDiskFull, makeFolder } from './files.ts'
import { isRunning, processId } from './process-id.ts'

export interface FileLockOptions {
  /** @default `waybill-locks-<user>` in the system's temporary folder: one for all checkouts of a machine */
  readonly folder?: string | undefined
  /** Milliseconds to wait for another process. @default 600000 */
  readonly wait?: number | undefined
  /** What is done while holding the lock, shown to whoever has to wait: `publishing sha256:…`. */
  readonly purpose: string
  readonly signal: AbortSignal
  /** Told once who is waited for. */
  readonly onWait?: (holder: LockHolder) => void
}

/** Who holds a lock. */
export interface LockHolder {
  readonly name: string
  readonly pid: number
  readonly purpose: string
}

interface Claim {
  readonly folder: string
  readonly file: string
  /** Whether nobody chose where locks are kept. */
  readonly isDefault: boolean
}

const POLL = 50

/**
 * Does work while holding the locks of several names on this machine, taken in their order so that two that want the same never wait for each other.
 * @throws {ERR_LOCKED} naming the holder, when it doesn't go within `wait`.
 */
export async function withFileLocks<Result>(
  names: readonly string[],
  options: FileLockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const claims: Claim[] = []
  try {
    for (const name of [...new Set(names)].toSorted())
      claims.push(await acquireClaim(name, options))
    return await work()
  } finally {
    for (const claim of claims.toReversed()) await releaseClaim(claim)
  }
}

/**
 * Each process puts a file of its own into the name's folder and only then looks at the others: of two at least one sees the other.
 * Who is alone holds the lock; of several the lowest stays and the others step back. Files of processes that are gone count for
 * nothing, and since nobody's file has another's name, removing them can't hurt a new holder.
 */
async function acquireClaim(name: string, options: FileLockOptions): Promise<Claim> {
  const folder = join(options.folder ?? defaultFolder(), digestOf(name).slice(7, 39))
  const isDefault = options.folder === undefined
  const claim = { folder, file: `${processId()}-${randomBytes(4).toString('hex')}`, isDefault }
  let waited = 0
  let told = false
  for (;;) {
    const others = await claimAndLook(claim, { name, purpose: options.purpose })
    if (others.length === 0) return claim
    const holder = await readHolder(folder, others[0]!, name)
    if (others.some((other) => other < claim.file)) await releaseClaim(claim)
    if (!told) options.onWait?.(holder)
    told = true
    if (waited >= (options.wait ?? 600_000)) {
      await releaseClaim(claim)
      throw locked(holder, waited)
    }
    await pause(claim, options.signal)
    waited += POLL
  }
}

function defaultFolder(): string {
  return join(tmpdir(), `waybill-locks-${process.getuid?.() ?? 'user'}`)
}

async function pause(claim: Claim, signal: AbortSignal): Promise<void> {
  try {
    await sleep(POLL, undefined, { signal })
  } catch (error) {
    await releaseClaim(claim)
    throw new WaybillError('ERR_CANCELLED', 'Waiting for another process was cancelled', {
      cause: error,
    })
  }
}

async function claimAndLook(
  { folder, file, isDefault }: Claim,
  content: { readonly name: string; readonly purpose: string },
): Promise<readonly string[]> {
  const path = join(folder, file)
  try {
    // Whoever leaves last removes the folder: it may go between the two calls.
    for (let tries = 0; ; tries++) {
      await makeFolder(folder, 0o700)
      if (isDefault) await assertOwn(dirname(folder))
      try {
        await writeFile(path, JSON.stringify({ pid: process.pid, ...content }))
        break
      } catch (error) {
        if (tries > 20 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
    return await others(folder, file)
  } catch (error) {
    throw isDefault && !isWaybillError(error) && !isDiskFull(error)
      ? noLocks(dirname(folder), messageOf(error), error)
      : asFileError(error, path)
  }
}

// In a folder that all may write to, somebody else may have made it before: who owns it can take locks away.
async function assertOwn(folder: string): Promise<void> {
  const { uid } = await lstat(folder)
  const own = process.getuid?.() ?? uid
  if (uid !== own) throw noLocks(folder, `it belongs to user ${uid}, and this is user ${own}`)
}

function noLocks(folder: string, reason: string, cause?: unknown): WaybillError {
  return new WaybillError(
    'ERR_NOT_WRITABLE',
    `The locks that keep two publishers apart cannot be kept in ${folder}: ${reason}`,
    { hint: 'Set TMPDIR to a folder of this user.', details: { path: folder }, cause },
  )
}

async function others(folder: string, own: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) => file !== own)
  const gone = files.filter((file) => !isRunning(file))
  for (const file of gone) await rm(join(folder, file), { force: true })
  return files.filter((file) => !gone.includes(file)).toSorted()
}

async function releaseClaim({ folder, file }: Claim): Promise<void> {
  await rm(join(folder, file), { force: true })
  await rmdir(folder).catch(() => {})
}

async function readHolder(folder: string, file: string, name: string): Promise<LockHolder> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => '')
  const purpose = /"purpose":"([^"]*)"/.exec(text)?.[1] ?? 'at work'
  return { name, pid: Number.parseInt(file, 10), purpose }
}

function locked({ name, pid, purpose }: LockHolder, waited: number): WaybillError {
  return new WaybillError(
    'ERR_LOCKED',
    `${name}: process ${pid} is ${purpose}; waited ${waited} ms for it`,
    {
      hint: 'Let it finish, or end it, and run the same again; its lock goes with it.',
      outcome: 'unknown',
      details: { destination: name, pid, purpose },
    },
  )
}
