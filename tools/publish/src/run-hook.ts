import { execFailed, isWaybillError, secretMask, WaybillError, type Context } from '@waybill/core'

/**
 * Runs a hook's program and shows what it says, line by line. It sees the whole environment, and may repeat what it should not.
 * @throws {ERR_EXEC_FAILED} {ERR_TOOL_MISSING} {ERR_CANCELLED}
 */
export async function runHook(
  file: string,
  args: readonly string[],
  { cwd, env, exec, signal, logger }: Context,
): Promise<void> {
  const mask = secretMask(env)
  const out = lines((line) => logger.info(mask(line)))
  const err = lines((line) => logger.info(mask(line)))
  try {
    await exec(file, args, { cwd, env, signal, onStdout: out.take, onStderr: err.take })
  } catch (error) {
    throw isWaybillError(error) ? maskedError(error, { file, args, mask }) : error
  } finally {
    out.end()
    err.end()
  }
}

interface Called {
  readonly file: string
  readonly args: readonly string[]
  readonly mask: (text: string) => string
}

// Made again from masked words and not masked as a whole: the message is cut, and half a secret would not be known as one.
function maskedError(error: WaybillError, { file, args, mask }: Called): WaybillError {
  const { exit, stderr } = error.details
  if (isWaybillError(error, 'ERR_EXEC_FAILED') && exit !== undefined)
    return execFailed(mask(file), args.map(mask), exit as number | string, mask(String(stderr)))
  return new WaybillError(error.code as `ERR_${string}`, mask(error.message), {
    ...(error.hint === undefined ? {} : { hint: mask(error.hint) }),
    outcome: error.outcome,
  })
}

interface Lines {
  take(chunk: Uint8Array): void
  end(): void
}

function lines(show: (line: string) => void): Lines {
  const decoder = new TextDecoder()
  let rest = ''
  return {
    take(chunk) {
      const whole = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n')
      rest = whole.pop()!
      whole.forEach(show)
    },
    end() {
      if (rest !== '') show(rest)
    },
  }
}
