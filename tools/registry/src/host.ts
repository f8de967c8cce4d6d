import { clientTrusting, type Context, type HttpClient } from '@waybill/core'
import { createAuthorizer, type Authorizer } from './auth/authorizer.ts'
import { originOf } from './origin.ts'

/** One registry as it is asked: where it is, through which connections, with which tokens. Repositories of one context share it. */
export interface Host {
  /** As people name it: `docker.io`. */
  readonly registry: string
  /** `https://registry-1.docker.io`. */
  readonly origin: string
  readonly http: HttpClient
  readonly authorizer: Authorizer
  readonly signal: AbortSignal
}

export interface HostOptions {
  readonly plainHttp?: readonly string[] | undefined
  readonly caFile?: string | undefined
}

type Hosts = Map<string, Host>

// Tokens belong to the environment whose credentials got them, so a client that is shared does not share them further.
const known = new WeakMap<HttpClient, WeakMap<object, Hosts>>()

/** The host of a registry; the same one again for the same context and options. */
export function hostFor(registry: string, options: HostOptions, ctx: Context): Host {
  const hosts = hostsOf(ctx)
  const origin = originOf(registry, options.plainHttp)
  const key = `${origin} ${options.caFile ?? ''}`
  const host = hosts.get(key) ?? openHost(registry, origin, options, ctx)
  hosts.set(key, host)
  return host
}

function hostsOf(ctx: Context): Hosts {
  const byEnv = known.get(ctx.http) ?? new WeakMap<object, Hosts>()
  known.set(ctx.http, byEnv)
  const hosts = byEnv.get(ctx.env) ?? new Map<string, Host>()
  byEnv.set(ctx.env, hosts)
  return hosts
}

function openHost(registry: string, origin: string, options: HostOptions, ctx: Context): Host {
  const http = options.caFile === undefined ? ctx.http : clientTrusting(options.caFile, ctx)
  const { signal } = ctx
  return {
    registry,
    origin,
    http,
    authorizer: createAuthorizer({ registry, origin, http, ctx }),
    signal,
  }
}
