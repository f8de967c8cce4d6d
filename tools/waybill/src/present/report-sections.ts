import type { Decision } from '@waybill/core'
import type { PublishedPlan, ReleasedComponent } from '@waybill/release'
import {
  artifactRows,
  imageRows,
  nameRows,
  proofRows,
  type ReleaseReport,
} from './release-report.ts'
import { seconds, short } from './units.ts'

/** A table of a report, before it is HTML, Markdown or anything else. */
export interface ReportSection {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Why a release is due or not, a row a commit. */
export function decisionSection({ commits }: Decision): ReportSection {
  return {
    title: 'Why',
    head: ['commit', 'bump', 'subject', 'reason'],
    rows: commits.map(({ commit, bump, subject, reason }) => [
      short(commit),
      bump,
      subject,
      reason,
    ]),
  }
}

/** Everything a component's release made, in the order it was made. */
export function componentSections(component: ReleasedComponent): ReportSection[] {
  return [
    decisionSection(component.decision),
    {
      title: 'Files',
      head: ['name', 'platform', 'size', 'digest'],
      rows: artifactRows(component),
    },
    ...component.images.flatMap((image) => [
      {
        title: 'Image',
        head: ['image', 'platform', 'digest', 'layers', 'size'],
        rows: imageRows(image),
      },
      {
        title: 'Proof of identity',
        head: ['verdict', 'platform', 'path', 'in the image', 'released as'],
        rows: proofRows(image.plan.proof),
      },
      namesSection(image),
    ]),
    ...(component.files === undefined ? [] : [namesSection(component.files)]),
  ]
}

const namesSection = (published: PublishedPlan): ReportSection => ({
  title: 'Names',
  head: ['destination', 'name', 'kind', 'digest', 'outcome'],
  rows: nameRows(published),
})

/** How long each stage took. */
export function stageSection({ stages }: ReleaseReport): ReportSection {
  return {
    title: 'Stages',
    head: ['stage', 'time'],
    rows: stages.map(({ stage, duration }) => [stage, seconds(duration)]),
  }
}
