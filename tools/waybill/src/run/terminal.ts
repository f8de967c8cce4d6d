import {
  logText,
  visibleLine,
  type Logger,
  type Progress,
  type Step,
  type StepState,
} from '@waybill/core'
import { indented } from '../present/indented.ts'
import { paint } from '../present/paint.ts'
import { bytes, seconds } from '../present/units.ts'
import type { Output } from './output.ts'

export interface TerminalOptions {
  readonly color: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** Draw running steps in place; only where `output` is a terminal. */
  readonly live: boolean
}

/** A terminal's logger and progress, which share its lines. `close` ends drawing. */
export interface Terminal {
  readonly logger: Logger
  readonly progress: Progress
  close(): void
}

interface Running {
  readonly title: string
  readonly started: number
  state: StepState
}

const REDRAW = 100
const STILL_RUNNING = 10_000

/**
 * Shows words and steps on an output: running steps live on a terminal, each finished step as one plain line everywhere. Words of any origin come in;
 * they are made visible here, and the only characters that a terminal obeys are those that are put around them here.
 */
export function createTerminal(output: Output, options: TerminalOptions): Terminal {
  const running = new Set<Running>()
  const ink = paint(options.color)
  let drawn = 0
  let timer: NodeJS.Timeout | undefined

  const erase = (): void => {
    if (drawn > 0) output.write(`\u001B[${drawn}A\u001B[J`)
    drawn = 0
  }
  const draw = (): void => {
    erase()
    const width = output.columns ?? 80
    const lines = [...running].map((step) =>
      `${ink.dim('·')} ${describe(step)}`.slice(0, width - 1),
    )
    if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
    drawn = lines.length
  }
  const say = (line: string): void => {
    if (options.live) erase()
    output.write(`${line}\n`)
    if (options.live) draw()
  }
  const tick = (): void => {
    if (options.live) draw()
    else for (const step of running) output.write(`  ${describe(step)}\n`)
  }
  const watch = (): void => {
    if (running.size > 0) timer ??= setInterval(tick, options.live ? REDRAW : STILL_RUNNING).unref()
    else {
      clearInterval(timer)
      timer = undefined
    }
  }

  function start(title: string): Step {
    const step: Running = {
      title: logText(visibleLine(title)),
      started: performance.now(),
      state: {},
    }
    running.add(step)
    watch()
    const end = (mark: string, note: string | undefined): void => {
      running.delete(step)
      watch()
      const took = seconds(performance.now() - step.started)
      const said = note === undefined ? '' : `  ${logText(visibleLine(note))}`
      say(`${mark} ${step.title}${said}  ${ink.dim(took)}`)
    }
    return {
      update: (state) => {
        step.state =
          state.note === undefined ? state : { ...state, note: logText(visibleLine(state.note)) }
      },
      succeed: (note) => end(ink.green('✓'), note),
      fail: (note) => end(ink.red('✗'), note),
    }
  }

  const quietly =
    (write: (message: string) => void) =>
    (message: string): void => {
      if (!options.quiet) write(message)
    }
  const silentStep: Step = { update: () => {}, succeed: () => {}, fail: () => {} }
  return {
    logger: {
      debug: (message) => (options.verbose ? say(ink.dim(shown(message))) : undefined),
      info: quietly((message) => say(shown(message))),
      warn: (message) => say(`${ink.yellow('warning')} ${shown(message)}`),
      error: (message) => say(`${ink.red('error')} ${shown(message)}`),
    },
    progress: { start: (title) => (options.quiet ? silentStep : start(title)) },
    close: () => {
      clearInterval(timer)
      erase()
    },
  }
}

// What a text of several lines holds cannot pass for a line of Waybill's.
const shown = (message: string): string => logText(indented(message))

function describe({ title, started, state }: Running): string {
  const show = state.unit === 'bytes' ? bytes : String
  const total = state.total === undefined ? '' : `/${show(state.total)}`
  const done = state.done === undefined ? '' : `  ${show(state.done)}${total}`
  const note = state.note === undefined ? '' : `  ${state.note}`
  return `${title}${done}${note}  ${seconds(performance.now() - started)}`
}
