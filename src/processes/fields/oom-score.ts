import { parseOomScore } from '../../procfs/oom-score.ts';
import { text } from '../../text/safe.ts';
import type { FieldDefinition } from '../field.ts';
import { plain } from '../said.ts';
import { orNull } from '../tolerance.ts';

/** `adjustment`: oom_score_adj; null where that is not there to be read. */
export type OomScore = { score: number; adjustment: number | null };

const NEVER = -1000;

export const oomScore: FieldDefinition<OomScore> = {
  about: 'how likely it is killed when memory runs out',
  read: ({ procfs, pid }) => {
    const score = parseOomScore(procfs.text(`${pid}/oom_score`));
    const adjustment = orNull(() => parseOomScore(procfs.text(`${pid}/oom_score_adj`)));
    return { value: { score, adjustment } };
  },
  entries: ({ score, adjustment }) => {
    const adjusted = adjustment ? text`, adjusted by ${adjustment}` : text``;
    const said =
      adjustment === NEVER
        ? text`${score}, adjusted by ${NEVER}: never killed when memory runs out`
        : text`${score}${adjusted}: of all processes, the one with the highest is killed when memory runs out`;
    return [['oom_score', plain(said)]];
  },
};
