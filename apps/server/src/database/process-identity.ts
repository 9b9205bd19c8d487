import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Whether a process with this id runs, of whichever user. One that ended and that nobody has asked for yet does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return false;
  }
  return process.platform !== 'linux' || !isZombie(pid);
}

/** In a container whose first process is no init, the children of a killed process stay zombies for ever. */
function isZombie(pid: number): boolean {
  try {
    return fieldsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))[0] === 'Z';
  } catch {
    return true;
  }
}

/**
 * When a process started, in units of the system's own: two processes that had
 * the same id one after the other differ in it. Null when it does not run or
 * the system does not tell.
 */
export async function startMark(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    return stat === null ? null : (fieldsOf(stat)[START_TIME] ?? null);
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() || null;
}

/** The fields of a process's stat after the command's name, which may hold spaces and brackets: first its state. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const START_TIME = 19;
