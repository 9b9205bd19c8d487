// Every process that a command starts, so that none outlives it.
//
// Each child leads a process group of its own (where the system has them): a
// signal to the group reaches what the child started in turn. A terminal's
// Ctrl-C then reaches only this process, which passes it on.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { BIN, ROOT } from './paths.mjs';

/** After a polite signal: longer than the server's own drain, so that only what hangs is killed. */
const KILL_AFTER_MS = 20_000;
const HAS_GROUPS = process.platform !== 'win32';
const running = new Map();
let stopping = false;

/** A step that failed, with a message for people instead of a stack. */
export class StepFailed extends Error {
  constructor(message) {
    super(message);
    this.name = 'StepFailed';
  }
}

/**
 * The environment of every child: this Node and the repository's own programs
 * first on PATH, and nothing that calls home.
 */
function childEnvironment(extra = {}) {
  // Node 22.15 to 22.17 read TypeScript only when told to.
  const typescript = process.features.typescript ? {} : { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-strip-types --disable-warning=ExperimentalWarning` };
  return {
    ...process.env,
    PATH: [dirname(process.execPath), BIN, process.env.PATH].join(delimiter),
    CHECKPOINT_DISABLE: '1',
    DO_NOT_TRACK: '1',
    EXPO_NO_DEPENDENCY_VALIDATION: '1',
    EXPO_NO_TELEMETRY: '1',
    // Expo would otherwise run npm install by itself.
    EXPO_NO_TYPESCRIPT_SETUP: '1',
    EXPO_OFFLINE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    SCARF_ANALYTICS: 'false',
    ...typescript,
    ...extra,
  };
}

/**
 * Starts a program. `output`: `inherit` shows it, `collect` keeps it for the
 * caller, `ignore` drops it, a function gets it piece by piece.
 *
 * `tied`: a program of ours, which ends when this process is gone and itself ends
 * what it started (a server stops its database last), so a signal goes to it alone.
 *
 * @returns the child and `ended`, which resolves with `{ code, signal, output }` and never rejects
 */
export function start(program, args, { cwd = ROOT, env = {}, output = 'inherit', tied = false } = {}) {
  const pipe = output === 'inherit' || output === 'ignore' ? output : 'pipe';
  const child = spawn(program, args, {
    cwd,
    env: childEnvironment(env),
    // A terminal takes its input from one group only; children get none.
    stdio: tied ? ['ignore', pipe, pipe, 'ipc'] : ['ignore', pipe, pipe],
    detached: HAS_GROUPS,
    shell: process.platform === 'win32' && !program.endsWith('.exe'),
  });
  const pieces = [];
  const take = typeof output === 'function' ? output : (piece) => pieces.push(piece);
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  running.set(child, { tied });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      running.delete(child);
      resolve({ code: 127, signal: null, output: `${program}: ${error.message}\n` });
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? exitCodeOf(signal), signal, output: Buffer.concat(pieces).toString() });
    });
  });
  return { child, ended };
}

/** Runs a program to its end and answers its exit code. */
export async function run(program, args, options) {
  return (await start(program, args, options).ended).code;
}

/** Runs this command again under another Node and answers its exit code. */
export function rerun(node, args) {
  const { ended } = start(node, args, { env: { PATH: [dirname(node), BIN, process.env.PATH].join(delimiter) }, tied: true });
  return ended.then(({ code }) => code);
}

/**
 * Ends when the parent is gone, even by a signal that nobody can pass on: a tied
 * parent by its closed channel, npm (and the shell it puts between) by changed ids.
 */
export function endWithParent() {
  if (process.channel) {
    process.channel.unref();
    process.once('disconnect', () => void stopAll('SIGTERM'));
  } else if (process.env.npm_lifecycle_event) {
    const ancestors = ancestorIds();
    // One second: cheap, and sooner than anybody starts the next run.
    setInterval(() => ancestorIds() === ancestors || void stopAll('SIGTERM'), 1_000).unref();
  }
}

function ancestorIds() {
  try {
    // The name in it may hold spaces, so what follows is counted from its closing bracket.
    const [, grandparent] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return `${process.ppid} ${grandparent}`;
  } catch {
    return String(process.ppid);
  }
}

/** Whether a signal asked everything to end: then a child's end is no failure to report. */
export function isStopping() {
  return stopping;
}

/** Ends whatever still runs. */
export async function closeAll() {
  if (running.size > 0) await endAll('SIGTERM');
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stopAll(signal));

async function stopAll(signal) {
  if (stopping) return;
  stopping = true;
  await endAll(signal);
  // The command under way gets one turn to print what it knows, then this process ends too.
  setImmediate(() => process.exit(process.exitCode ?? exitCodeOf(signal)));
}

async function endAll(signal) {
  const children = [...running.keys()];
  const ends = children.map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const [child, { tied }] of running) {
    if (tied) child.kill(signal);
    else signalGroup(child, signal);
  }
  const timer = setTimeout(() => {
    for (const child of children) signalGroup(child, 'SIGKILL');
  }, KILL_AFTER_MS);
  await Promise.all(ends);
  clearTimeout(timer);
  // A leader may end before those it started.
  for (const child of children) signalGroup(child, 'SIGKILL');
}

function signalGroup(child, signal) {
  try {
    if (HAS_GROUPS && child.pid) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Already gone.
  }
}

function exitCodeOf(signal) {
  return { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }[signal] ?? 1;
}
