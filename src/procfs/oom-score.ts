/**
 * Parses /proc/PID/oom_score and oom_score_adj (proc_pid_oom_score(5)).
 *
 * @throws SyntaxError where it is no number
 */
export function parseOomScore(content: string): number {
  if (!/^-?\d+\n?$/.test(content)) throw new SyntaxError('no oom_score of a process');
  return Number(content);
}
