// greeter: a small HTTP service in TypeScript. GET / answers a greeting, GET /health answers ok.
import { createServer } from 'node:http'

// Set by the release: the toolchain's `versionDefine: VERSION`.
declare const VERSION: string | undefined
const version: string = typeof VERSION === 'string' ? VERSION : '0.0.0-dev'

if (process.argv[2] === '--version') {
  console.log(`greeter ${version}`)
} else {
  const server = createServer((request, response) => {
    const answers: Record<string, string> = { '/': `greeter ${version}\n`, '/health': 'ok\n' }
    const body = answers[request.url ?? '']
    response.writeHead(body === undefined ? 404 : 200).end(body ?? 'not found\n')
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
  server.listen(8080, () => console.log(`greeter ${version} listens on port 8080`))
}
