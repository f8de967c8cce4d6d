import { relative } from 'node:path'
import { runCommand } from 'waybill'
import { info } from '../log.ts'
import type { Work } from '../session.ts'
import { optionWords } from '../words.ts'

export const work: Work<'image'> = async (inputs, context) => {
  const { binaries, ports, labels, 'working-directory': _, ...same } = inputs
  const words = optionWords({ ...same, binary: binaries, port: ports, label: labels })
  const { json, text } = await runCommand('image', words, context)
  info(text)
  const { digest } = json as { readonly digest: string }
  const layout = relative(process.env['GITHUB_WORKSPACE'] ?? '.', context.out)
  return { outputs: { digest, layout } }
}
