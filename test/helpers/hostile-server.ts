// A server that begins its answers well and never ends them, or ends them never well: the ways in which an answer can be without end.
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** How an answer goes on. `status` is the line's, `headers` what stands in it besides. */
export type Ending = (write: Writing, answer: Beginning) => void

export interface Beginning {
  readonly status: number
  readonly headers: readonly string[]
}

interface Writing {
  /** Sends a text once. */
  once(text: string): void
  /** Sends a text again and again, as fast as it is taken. */
  flood(text: string): void
  /** Sends a text again and again, a byte at a time, slowly. */
  drip(text: string): void
}

const line = ({ status }: Beginning): string => `HTTP/1.1 ${status} Whatever\r\n`
const head = (answer: Beginning, ...more: readonly string[]): string =>
  `${line(answer)}${[...answer.headers, ...more].map((one) => `${one}\r\n`).join('')}\r\n`

const CHUNKED = 'Transfer-Encoding: chunked'
const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
const bytes = 'x'.repeat(65_536)

/** Every way in which an answer does not come to its end. */
export const endings: Readonly<Record<string, Ending>> = {
  'chunks without end': (write, answer) => {
    write.once(head(answer, CHUNKED))
    write.flood(chunk)
  },
  'chunks of one byte without end': (write, answer) => {
    write.once(head(answer, CHUNKED))
    write.flood('1\r\nx\r\n'.repeat(1000))
  },
  'bytes without length or end': (write, answer) => {
    write.once(head(answer, 'Connection: close'))
    write.flood(bytes)
  },
  'a terabyte, announced': (write, answer) => {
    write.once(head(answer, 'Content-Length: 1000000000000'))
    write.flood(bytes)
  },
  'two lengths': (write, answer) => {
    write.once(head(answer, 'Content-Length: 3', 'Content-Length: 100000000'))
    write.flood(bytes)
  },
  'length and chunks': (write, answer) => {
    write.once(head(answer, 'Content-Length: 3', CHUNKED))
    write.flood(chunk)
  },
  'more than was announced': (write, answer) => {
    write.once(head(answer, 'Content-Length: 3'))
    write.flood(bytes)
  },
  'chunks, a byte at a time': (write, answer) => {
    write.once(head(answer, CHUNKED))
    write.drip('1\r\nx\r\n')
  },
  'a megabyte, a byte at a time': (write, answer) => {
    write.once(head(answer, 'Content-Length: 1000000'))
    write.drip('x')
  },
  'no length, a byte at a time': (write, answer) => {
    write.once(head(answer, 'Connection: close'))
    write.drip('x')
  },
  'silence in the body': (write, answer) => {
    write.once(`${head(answer, 'Content-Length: 1000')}{`)
  },
  'silence at once': () => {},
  'silence in the headers': (write, answer) => write.once(`${line(answer)}X-A: `),
  'a header, a byte at a time': (write, answer) => {
    write.once(`${line(answer)}X-A: `)
    write.drip('a')
  },
  'headers, a byte at a time': (write, answer) => {
    write.once(line(answer))
    write.drip('X-A: a\r\n')
  },
  'a header without end': (write, answer) => {
    write.once(`${line(answer)}X-A: `)
    write.flood(bytes)
  },
  'headers without end': (write, answer) => {
    write.once(line(answer))
    write.flood('X-A: a\r\n'.repeat(1000))
  },
  'a status line without end': (write) => {
    write.once('HTTP/1.1 200 ')
    write.flood(bytes)
  },
  'no HTTP at all': (write) => write.flood(bytes),
  'early hints without end': (write) => write.flood('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
  'early hints, slowly': (write) => write.drip('HTTP/1.1 103 Early Hints\r\nX: a\r\n\r\n'),
  'an extension of a chunk without end': (write, answer) => {
    write.once(`${head(answer, CHUNKED)}3;a=`)
    write.flood(bytes)
  },
  'an extension of a chunk, a byte at a time': (write, answer) => {
    write.once(`${head(answer, CHUNKED)}3;a=`)
    write.drip('a')
  },
  'trailers without end': (write, answer) => {
    write.once(`${head(answer, CHUNKED)}2\r\n{}\r\n0\r\n`)
    write.flood('X-A: a\r\n'.repeat(1000))
  },
  'trailers, a byte at a time': (write, answer) => {
    write.once(`${head(answer, CHUNKED)}2\r\n{}\r\n0\r\n`)
    write.drip('X-A: a\r\n')
  },
}

/** Milliseconds from one byte to the next. */
const SLOWLY = 20

function writingTo(socket: Socket, sent: (count: number) => void): Writing {
  const write = (text: string): boolean => {
    sent(text.length)
    return socket.write(text)
  }
  return {
    once: write,
    flood(text) {
      const go = (): void => {
        if (socket.destroyed) return
        if (write(text)) setImmediate(go)
        else socket.once('drain', go)
      }
      go()
    },
    drip(text) {
      let at = 0
      const timer = setInterval(() => write(text[at++ % text.length]!), SLOWLY)
      socket.once('close', () => clearInterval(timer))
    },
  }
}

export interface HostileServer {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Bytes sent over all connections, as far as the system took them. */
  sent(): number
  close(): Promise<void>
}

/** Answers a request (its first line is given) well by a text, or by an ending; undefined takes what comes and says nothing. */
export type Answering = (request: string) => string | { ending: Ending; answer: Beginning }

/** Starts a server on loopback that reads each request's head, takes whatever follows it, and answers as it is told. */
export async function hostileServer(answering: Answering): Promise<HostileServer> {
  let total = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    serve(socket, answering, (count) => (total += count))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    sent: () => total,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

// Enough of HTTP for clients that announce the length of what they send, or send it in chunks.
function serve(socket: Socket, answering: Answering, sent: (count: number) => void): void {
  let text = ''
  socket.on('data', (piece: Buffer) => {
    text += piece.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const request = text.slice(0, end)
      const length = lengthOf(request, text.slice(end + 4))
      if (length === undefined || text.length < end + 4 + length) return
      text = text.slice(end + 4 + length)
      const writing = writingTo(socket, sent)
      const how = answering(request.split('\r\n')[0]!)
      if (typeof how === 'string') writing.once(how)
      else how.ending(writing, how.answer)
    }
  })
}

function lengthOf(request: string, rest: string): number | undefined {
  if (!/transfer-encoding: *chunked/i.test(request))
    return Number(/content-length: *(\d+)/i.exec(request)?.[1] ?? 0)
  const end = rest.indexOf('0\r\n\r\n')
  return end < 0 ? undefined : end + 5
}
