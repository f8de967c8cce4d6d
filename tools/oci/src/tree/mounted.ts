/**
 * Where engines mount something over the files of an image, or put a file of their own, in every container: what the layers hold there is not what
 * a container sees. OCI runtime-spec, config-linux.md, "Default Filesystems"; moby, daemon/initlayer and oci/defaults.go.
 */
export const MOUNTED: readonly string[] = [
  '/proc',
  '/sys',
  '/dev',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/etc/mtab',
  '/run/secrets',
  '/run/.containerenv',
  '/var/run/secrets',
  '/.dockerenv',
]

/** The mounted place that a path is at or below; undefined where there is none. The path is absolute, without "." and links in it. */
export function mountedAt(path: string, places: readonly string[] = MOUNTED): string | undefined {
  return places.find((place) => path === place || path.startsWith(`${place}/`))
}
