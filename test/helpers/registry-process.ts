import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { BIN } from './cli.ts'

/** A `waybill registry` in a process of its own. */
export interface RegistryProcess {
  readonly address: string
  stop(): Promise<void>
}

export async function startRegistryProcess(args: readonly string[]): Promise<RegistryProcess> {
  const child = spawn(process.execPath, [BIN, 'registry', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const [address] = (await once(lines, 'line')) as [string]
  return {
    address,
    stop: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** What a tag stands for in a registry, asked as any client would; undefined where it is absent. */
export async function digestOfTag(
  address: string,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const accept =
    'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'
  const response = await fetch(`http://${address}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept },
  })
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`${tag}: ${response.status}`)
  return response.headers.get('docker-content-digest') ?? undefined
}

/** Every tag of a repository. */
export async function tagsOf(address: string, repository: string): Promise<string[]> {
  const response = await fetch(`http://${address}/v2/${repository}/tags/list`)
  if (response.status === 404) return []
  return ((await response.json()) as { tags: string[] | null }).tags ?? []
}
