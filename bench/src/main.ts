import { parseArgs } from 'node:util';
import { costOfNodes } from './cost-of-nodes.ts';
import { idleConnections } from './idle-connections.ts';
import { pusherStorm } from './pusher-storm.ts';
import { CLIENTS, reconnectStorm } from './reconnect-storm.ts';
import { ServerUnderTest } from './server-under-test.ts';
import { type PhaseResult, SteadyChat } from './steady-chat.ts';

/** How to read the figures: bench/README.md. */
const PROFILES = ['steady-chat', 'idle-connections', 'pusher-storm', 'reconnect-storm'] as const;
const OF_MANY_NODES = ['steady-chat', 'cost-of-nodes', 'idle-connections', 'reconnect-storm'] as const;
/** Before the first phase: a server runs for days, and its compiler settles within some ten thousand messages. */
const STARTED_SECONDS = 15;
type Profile = (typeof PROFILES)[number] | (typeof OF_MANY_NODES)[number];

const { values, positionals } = parseArgs({ args: process.argv.slice(2), allowPositionals: true, options: { nodes: { type: 'string', default: '1' } } });
const nodes = Number(values.nodes);
const [given, secondsText = '10'] = positionals;
const possible: readonly Profile[] = nodes > 1 ? OF_MANY_NODES : PROFILES;
const profiles = given === undefined ? possible : possible.filter((profile) => profile === given);
const seconds = Number(secondsText);
if (profiles.length === 0 || !(seconds > 0) || !Number.isInteger(nodes) || nodes < 1) {
  console.error(`Usage: npm run bench -- [${PROFILES.join('|')}] [seconds per phase]\n       npm run bench -- --nodes 2 [${OF_MANY_NODES.join('|')}] [seconds per phase]`);
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void endEarly());
process.on('uncaughtException', (error) => void endEarly(error));
for (const profile of profiles) await run(profile);

/** Leaves no server behind. What fails because of that is not worth telling. */
async function endEarly(cause?: Error): Promise<void> {
  if (process.exitCode === undefined && cause) console.error(cause);
  process.exitCode = 1;
  await ServerUnderTest.stopAll();
  process.exit();
}

async function run(profile: Profile): Promise<void> {
  console.log(`\n${profile}${nodes > 1 ? `, ${nodes} nodes` : ''}`);
  const server = await ServerUnderTest.start(nodes);
  try {
    switch (profile) {
      case 'steady-chat':
        await steadyChat(server);
        break;
      case 'cost-of-nodes':
        console.log('  load                                           CPU s per 1,000   against one   stolen %');
        for (const { load, cpu, ratio, stolen } of await costOfNodes(server, nodes, seconds)) {
          console.log(`  ${load.padEnd(46)} ${cpu.toFixed(3).padStart(15)}   ${ratio.toFixed(2).padStart(11)}   ${(stolen * 100).toFixed(1).padStart(8)}`);
        }
        break;
      case 'idle-connections': {
        const idle = await idleConnections(server, nodes);
        for (const [node, { connections, heapEach, residentEach }] of idle.nodes.entries()) {
          console.log(`  node ${node + 1}: ${connections} connections, each ${(heapEach / 1024).toFixed(1)} KB in the heap, ${(residentEach / 1024).toFixed(1)} KB resident`);
        }
        console.log(`  opened ${Math.round(idle.perSecond)} a second`);
        break;
      }
      case 'pusher-storm': {
        const { connections, connectedAfter, subscribedAfter, signing, cpu } = await pusherStorm(server);
        console.log(`  ${connections} connections: ${Math.round(connections / connectedAfter)} a second, all subscribed after ${subscribedAfter.toFixed(2)} s`);
        console.log(`  POST /api/pusher/auth: p50 ${signing.percentile(0.5).toFixed(0)} ms, p99 ${signing.percentile(0.99).toFixed(0)} ms`);
        console.log(`  CPU: app ${cpu.app.toFixed(2)} s, database ${cpu.database.toFixed(2)} s`);
        break;
      }
      case 'reconnect-storm': {
        const { readyAfter, connectedAfter, caughtUpAfter, each, putOff, cpu } = await reconnectStorm(server);
        console.log(`  ${CLIENTS} clients; from the kill: ${nodes > 1 ? 'all nodes' : 'server'} ready after ${readyAfter.toFixed(1)} s, all signed in after ${connectedAfter.toFixed(1)} s, all caught up after ${caughtUpAfter.toFixed(1)} s`);
        console.log(`  From ${nodes > 1 ? 'their' : "the server's"} return each was caught up after: p50 ${(each.percentile(0.5) / 1_000).toFixed(1)} s, p99 ${(each.percentile(0.99) / 1_000).toFixed(1)} s; put off ${putOff} times`);
        console.log(`  CPU: app ${cpu.app.toFixed(2)} s, database ${cpu.database.toFixed(2)} s`);
        break;
      }
    }
  } finally {
    await server.stop();
  }
}

async function steadyChat(server: ServerUnderTest): Promise<void> {
  const chat = await SteadyChat.prepare(server);
  await chat.fixedRate(2_000, STARTED_SECONDS);
  console.log('  load            msg/s   send→ack ms        send→receive ms    CPU s per 1,000      stolen   late');
  console.log('                          p50   p95   p99    p50   p95   p99    app    database  both      %  p99 ms');
  const phases = [
    () => chat.fixedRate(1_000, seconds),
    () => chat.fixedRate(2_000, seconds),
    () => chat.fixedRate(5_000, seconds),
    () => chat.closedLoop(1, seconds),
    () => chat.closedLoop(8, seconds),
  ];
  for (const phase of phases) print(await phase());
  chat.close();
}

function print(result: PhaseResult): void {
  const three = (latencies: PhaseResult['ack']) => [0.5, 0.95, 0.99].map((share) => latencies.percentile(share).toFixed(2).padStart(5)).join(' ');
  const { app, database } = result.cpu;
  console.log(
    `  ${result.name.padEnd(14)} ${Math.round(result.messagesPerSecond).toString().padStart(6)}   ${three(result.ack)}  ${three(result.receive)}  ` +
      `${app.toFixed(3)}  ${database.toFixed(3)}     ${(app + database).toFixed(3)}  ${(result.stolen * 100).toFixed(1).padStart(5)}` +
      (result.lateness.count > 0 ? `  ${result.lateness.percentile(0.99).toFixed(1).padStart(6)}` : ''),
  );
}
