import { cpus, loadavg, totalmem } from 'node:os';
import { machineCpuSeconds, stolenSince } from '../cpu-time.ts';
import { Latencies } from '../percentiles.ts';
import { ServerUnderTest } from '../server-under-test.ts';
import { AppBrowser } from './app-browser.ts';
import { FullAccount, LOGIN, PASSWORD } from './full-account.ts';
import {
  type Return,
  leaveAtEnd,
  measureDisplacement,
  measureFling,
  measureOpening,
  measureReload,
  measureReturn,
  measureRowsRendered,
  measureScripts,
  measureSending,
  openFromTop,
} from './measurements.ts';

/** What stands on the device before anything is measured. */
const CONVERSATIONS = 200;
const [messagesText = '50000'] = process.argv.slice(2);
const MESSAGES = Number(messagesText);
const MISSED = Math.min(10_000, MESSAGES / 2);
if (!(MESSAGES >= 6_000)) {
  console.error('Usage: npm run bench:app -- [messages on the device, 6000 or more]');
  process.exit(2);
}

/** How to read the table: docs/performance.md. */
interface Line {
  what: string;
  bound: string;
  measured: string;
  isKept: boolean;
}

/** What the host takes away decides the times: each step says how much that was. */
let stepBegun = machineCpuSeconds();

const server = await ServerUnderTest.start();
const account = await FullAccount.create(server, CONVERSATIONS);
const app = await AppBrowser.open(server.url);
try {
  console.log(`Filling a device with ${CONVERSATIONS} conversations and ${MESSAGES} messages; load of the machine ${loadavg()[0]?.toFixed(1) ?? '?'} on ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`);
  await app.signIn(LOGIN, PASSWORD);
  report('  first', await measureReturn(app, account, MESSAGES - MISSED, true));
  print(await measureAll());
  console.log(`  ${stolenText()}\nLoad of the machine afterwards: ${loadavg()[0]?.toFixed(1) ?? '?'}`);
} finally {
  await app.close();
  account.close();
  await server.stop();
}

async function measureAll(): Promise<Line[]> {
  const back = await measureReturn(app, account, MISSED, false);
  report('  again', back);
  step('reloading');
  await account.readAll();
  await app.caughtUp(await account.position());
  const reload = await measureReload(app, 7);
  const scripts = await measureScripts(app);
  step('opening conversations');
  const online = new Latencies();
  await measureOpening(app, account, 3, online);
  const [long, other] = account.peers;
  if (long === undefined || other === undefined) throw new Error('Nobody to talk to');
  step('writing and receiving');
  await openFromTop(app, account, other);
  const sending = await measureSending(app, 30);
  const rows = await measureRowsRendered(app, account, other, 10);
  const displacement = await measureDisplacement(app, account, other);
  await leaveAtEnd(app, other);
  step('flinging');
  await openFromTop(app, account, long);
  const fling = await measureFling(app, long, 2_000);
  await leaveAtEnd(app, long);
  step('offline');
  await app.cutOff();
  await app.page.reload({ waitUntil: 'commit' });
  await app.page.evaluate(() => window.probe.listShown);
  await app.page.waitForTimeout(2_000);
  const offline = new Latencies();
  await measureOpening(app, account, 2, offline);
  const most = Math.max(displacement.receipt, displacement.grown, displacement.prepended);
  return [
    line('reload to interactive list, median', '≤ 1,000 ms', reload.percentile(0.5), 1_000, `${ms(reload.percentile(0.5))} (worst of ${reload.count}: ${ms(reload.percentile(1))})`),
    tapLine('online', online),
    tapLine('offline', offline),
    line('tap send to bubble painted, p90', '≤ 50 ms', sending.percentile(0.9), 50, `${ms(sending.percentile(0.9))} (median ${ms(sending.percentile(0.5))}, ${sending.count} sends)`),
    line('rows rendered for one incoming message, median', '≤ 2', rows.percentile(0.5), 2, `${rows.percentile(0.5)} (most ${rows.percentile(1)})`),
    line('displacement of the line being read', '≤ 1 px', most, 1, `receipt ${displacement.receipt.toFixed(1)}, row above grown ${displacement.grown.toFixed(1)}, prepend ${displacement.prepended.toFixed(1)} px`),
    line('frames over 50 ms while flinging through 2,000 messages', '0', fling.slowFrames.length, 0, `${fling.slowFrames.length} of ${fling.frames} (worst ${ms(Math.max(0, ...fling.slowFrames))}; tasks over 50 ms: ${fling.longTasks.length}; ${fling.passed} passed)`),
    line('JavaScript of the first load, gzipped', '≤ 500 kB', scripts.first / 1_000, 500, `${Math.round(scripts.first / 1_000)} kB (${Math.round(scripts.next / 1_000)} kB more afterwards)`),
    line(`back after ${MISSED.toLocaleString('en')} messages: interactive list`, '≤ 1,000 ms', back.listMs, 1_000, ms(back.listMs)),
    line(`back after ${MISSED.toLocaleString('en')} messages: longest task while catching up`, '≤ 50 ms', Math.max(0, ...back.longTasks), 50, told(back)),
  ];
}

/** Where it is, since the whole takes minutes; and what was stolen in the step that ends here. */
function step(name: string): void {
  console.log(`  ${stolenText()}\n  ${name} …`);
}

function report(name: string, back: Return): void {
  console.log(`${name}: list after ${ms(back.listMs)}, ${told(back)}`);
}

function stolenText(): string {
  const share = stolenSince(stepBegun);
  stepBegun = machineCpuSeconds();
  return `(${(share * 100).toFixed(1)} % stolen)`;
}

function told({ caughtUpMs, longTasks }: Return): string {
  return `${ms(Math.max(0, ...longTasks))} (${longTasks.length} over 50 ms, caught up after ${(caughtUpMs / 1_000).toFixed(1)} s)`;
}

function tapLine(how: 'online' | 'offline', opening: Latencies): Line {
  const measured = `${ms(opening.percentile(0.9))} (median ${ms(opening.percentile(0.5))}, ${opening.count} conversations)`;
  return line(`tap on a conversation to its last page painted, ${how}, p90`, '≤ 200 ms', opening.percentile(0.9), 200, measured);
}

function line(what: string, bound: string, value: number, most: number, measured: string): Line {
  return { what, bound, measured, isKept: value <= most };
}

function ms(value: number): string {
  return `${Math.round(value).toLocaleString('en')} ms`;
}

function print(lines: readonly Line[]): void {
  console.log('\n| What | Bound | Measured | |\n|---|---|---|---|');
  for (const { what, bound, measured, isKept } of lines) console.log(`| ${what} | ${bound} | ${measured} | ${isKept ? 'kept' : 'missed'} |`);
}
