import { CHECKED_RULES, CLUSTER_RULES, WATCHED_RULES } from './rules.ts';
import type { RunResult } from './run.ts';

/** Sentences of one rule that are shown; the history has them all. */
const SHOWN = 5;

/** What a run comes to, for people. */
export function tableOf(result: RunResult): string {
  const { seed, seconds, nodes, devices, sends, acknowledged, stored, received, faults, violations, looks } = result;
  const lines = [
    '',
    `  seed ${seed} · ${seconds} s · ${nodes === 1 ? 'one node' : `${nodes} nodes`} · ${devices} devices`,
    '',
    `  sends                    ${pad(sends)}`,
    `  acknowledged             ${pad(acknowledged)}`,
    `  in PostgreSQL            ${pad(stored)}`,
    `  events received          ${pad(received)}`,
    ...Object.entries(looks).map(([what, count]) => `  ${what.padEnd(24)} ${pad(count)}`),
    '',
    '  faults caused',
    ...[...faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `    ${kind.padEnd(22)} ${pad(count)}`),
    '',
    '  violations',
    ...CHECKED_RULES.map((rule) => {
      const count = violations.filter((violation) => violation.rule === rule).length;
      return `    ${rule.padEnd(22)} ${notChecked(rule, result) ?? pad(count)}`;
    }),
  ];
  for (const rule of new Set(violations.map((violation) => violation.rule))) {
    const sentences = violations.filter((violation) => violation.rule === rule).map(({ sentence }) => sentence);
    lines.push('', `  ${rule}`, ...sentences.slice(0, SHOWN).map((sentence) => `    ${sentence}`));
    if (sentences.length > SHOWN) lines.push(`    … and ${sentences.length - SHOWN} more`);
  }
  return lines.join('\n');
}

/** Why there is nothing to say of a rule. */
function notChecked(rule: string, { checkedP1, nodes, isWatched }: RunResult): string | null {
  if (rule === 'P1' && !checkedP1) return 'not checked: the run is too short';
  if (nodes === 1 && (CLUSTER_RULES.includes(rule) || WATCHED_RULES.includes(rule))) return 'not checked: it is one node';
  if (WATCHED_RULES.includes(rule) && !isWatched) return 'not checked: the run is too short';
  return null;
}

function pad(count: number): string {
  return count.toLocaleString('en').padStart(8);
}
