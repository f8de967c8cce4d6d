// What the facade exports: an addition is a line here, a removal is a break.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as waybill from 'waybill'

const test = suite('exports')

test('the facade exports these values and no others', () => {
  assert.equal(Object.keys(waybill).toSorted(), ['WaybillError', 'applyVersions'])
})

test.run()
