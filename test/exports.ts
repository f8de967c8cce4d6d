// What the facade exports: an addition is a line here, a removal is a break.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as waybill from 'waybill'

const test = suite('exports')

test('the facade exports these values and no others', () => {
  assert.equal(Object.keys(waybill).toSorted(), [
    'WaybillError',
    'applyVersions',
    'archive',
    'assemble',
    'checkIdentity',
    'compile',
    'createToolbox',
    'decide',
    'decideAll',
    'defineRelease',
    'destination',
    'findArtifacts',
    'fromZx',
    'gitRemote',
    'inspect',
    'isWaybillError',
    'loadContent',
    'makeBase',
    'makeLock',
    'openLayout',
    'parseCommit',
    'parseDefinition',
    'planDigest',
    'planNames',
    'planPublish',
    'planRelease',
    'planVersions',
    'prebuilt',
    'presentation',
    'proveIdentity',
    'publish',
    'readAllCommits',
    'readCommits',
    'readDefinition',
    'readLock',
    'registries',
    'rehearse',
    'releaseAll',
    'repository',
    'resolveImage',
    'run',
    'validateDefinition',
    'waiveIdentity',
    'writeLayout',
    'writeLock',
    'zig',
  ])
})

test.run()
