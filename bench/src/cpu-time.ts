import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds, user and system, of one process and of what it waited for. */
export function cpuSecondsOf(pid: number): number {
  const fields = statFields(pid);
  if (!fields) return 0;
  // utime, stime, cutime, cstime.
  return sum(fields.slice(11, 15)) / TICKS_PER_SECOND;
}

/** The same for a process and all its living children: PostgreSQL's postmaster and its backends. */
export function cpuSecondsOfTree(pid: number): number {
  let total = cpuSecondsOf(pid);
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statFields(Number(entry));
    if (fields && Number(fields[1]) === pid) total += cpuSecondsOfTree(Number(entry));
  }
  return total;
}

export interface MachineTime {
  busy: number;
  stolen: number;
}

/** The share of the CPU time asked for since then that the host gave to others, from 0 to 1. */
export function stolenSince(before: MachineTime): number {
  const after = machineCpuSeconds();
  const stolen = after.stolen - before.stolen;
  return stolen / Math.max(after.busy - before.busy + stolen, 1 / TICKS_PER_SECOND);
}

/** CPU seconds of the whole machine since it started: worked, and stolen by others on the same host. */
export function machineCpuSeconds(): MachineTime {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  // After "cpu": user, nice, system, idle, iowait, irq, softirq, steal.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = first.trim().split(/\s+/).slice(1).map(Number);
  return { busy: (user + nice + system + irq + softirq) / TICKS_PER_SECOND, stolen: stolen / TICKS_PER_SECOND };
}

/** Fields of /proc/<pid>/stat after the name, which may hold spaces: state is 0, parent is 1. */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function sum(texts: readonly string[]): number {
  return texts.reduce((total, text) => total + Number(text), 0);
}
