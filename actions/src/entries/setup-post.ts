import { rm } from 'node:fs/promises'
import { getState, info, warning } from '@actions/core'

// The docker configuration that setup made goes with the job.
const folder = getState('folder')
if (folder !== '')
  await rm(folder, { recursive: true, force: true }).then(
    () => info('the credentials of this job are removed'),
    (error: Error) => warning(`${folder} could not be removed: ${error.message}`),
  )
