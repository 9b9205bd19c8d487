import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@couplet/client/testing';
import type { ConversationId, UserId } from '@couplet/protocol';
import { DurableDevice, FaultProxy, type TransportKind } from '@couplet/test-system/faults';
import { Actor } from './actor.ts';
import { pause } from './ask.ts';
import { Bystanders } from './bystanders.ts';
import { type Participant, untilSettled } from './coming-to-rest.ts';
import { type Deployment, PASSWORD, type Person } from './deployment.ts';
import { type FaultMix, mixFor } from './fault-mix.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { type DeviceState, type HeldRows, readDevice, readHeldRows, readServer } from './final-state.ts';
import { History, type Violation } from './history.ts';
import type { Plant } from './plants.ts';
import { checkRules } from './rules.ts';
import { SILENT_DEATH_MS, SilentDeath } from './silent-death.ts';

export interface RunOptions {
  deployment: Deployment;
  seed: number;
  /** Of faults, at least. */
  seconds: number;
  /** What else is waited for, a few minutes at most: on a busy machine one fault may take all of a short run. */
  isEnough?: (looks: Readonly<Record<string, number>>) => boolean;
  people: number;
  devicesEach: number;
  /** What the devices speak with the server: native unless told otherwise. */
  transport?: TransportKind;
  mix?: FaultMix;
  plant?: Plant;
  /** After the faults are healed everybody comes to rest: for how long at most nobody may come nearer to it. */
  stillMs?: number;
  say?: (sentence: string) => void;
}

export interface RunResult {
  seed: number;
  seconds: number;
  nodes: number;
  /** Of a cluster: how often somebody looked, and at what. */
  looks: Readonly<Record<string, number>>;
  devices: number;
  sends: number;
  acknowledged: number;
  received: number;
  stored: number;
  faults: ReadonlyMap<string, number>;
  /** Whether the run was long enough for a silent death. */
  checkedP1: boolean;
  /** And for the watches of a cluster. */
  isWatched: boolean;
  violations: readonly Violation[];
  /** Every call and every received event, a line of JSON each; the caller removes it. */
  historyFile: string;
}

/** Longer than the longest wait of a device: 30 s between two tries, 10 s for an answer. */
const STILL_MS = 90_000;
const LONGEST_MORE_MS = 120_000;
const LOOK_AGAIN_MS = 100;
/** A shorter one has no time for what comes a minute after a fault. */
const WATCHED_FROM_SECONDS = 60;
/** From a second after the start to the watcher's last question, with the restarts of a server in between. */
const SILENT_DEATH_NEEDS_MS = SILENT_DEATH_MS + 30_000;

/** One run: people write through faults, everything heals, everything is compared. */
export async function runFaults(options: RunOptions): Promise<RunResult> {
  const { deployment, seed, seconds, plant, transport = 'native', stillMs = STILL_MS, say = () => undefined } = options;
  const isWatched = deployment.nodes.length > 1 && seconds >= WATCHED_FROM_SECONDS;
  const mix = options.mix ?? plant?.mix ?? mixFor(deployment, isWatched);
  const folder = await mkdtemp(join(tmpdir(), 'couplet-fault-run-'));
  const history = new History(join(await mkdtemp(join(tmpdir(), 'couplet-history-')), 'history.jsonl'));
  const randomOf = (index: number) => seededRandom(seed * 1_000 + index);
  const proxies: FaultProxy[] = [];
  const samples: HeldRows[] = [];

  async function actorOf(person: Person, name: string, index: number): Promise<Actor> {
    // An address of its own each: nginx takes them for people at different places.
    const proxy = await FaultProxy.open(deployment.port, deployment.nodes.length > 1 ? `127.77.0.${1 + index}` : undefined);
    proxies.push(proxy);
    plant?.onProxy?.(proxy);
    const actor: Actor = new Actor({
      name,
      person,
      proxy,
      file: join(folder, `${name.replaceAll(' ', '-')}.sqlite`),
      history,
      random: randomOf(100 + index),
      transport,
      ...(plant?.wrapStore === undefined ? {} : { wrapStore: plant.wrapStore }),
      async beforeRestart(file) {
        const held = await readHeldRows({ device: name, userId: person.id, snapshotPosition: actor.snapshotPosition }, file);
        actor.snapshotPosition = held.snapshotPosition;
        samples.push(held);
        await plant?.beforeRestart?.(file);
      },
    });
    await actor.start();
    await actor.device.messenger.session.login({ login: person.email, password: PASSWORD });
    return actor;
  }

  const names = ['Ana', 'Bo', 'Cleo', 'Dan', 'Eve', 'Fay'].slice(0, options.people);
  const people = await deployment.createPeople(names);
  const actors: Actor[] = [];
  for (const person of people) for (let count = 1; count <= options.devicesEach; count += 1) actors.push(await actorOf(person, `${person.name} ${count}`, actors.length));
  await openConversations(people, actors);
  const checkedP1 = plant === undefined && seconds * 1_000 >= SILENT_DEATH_NEEDS_MS;
  const silenced: Actor[] = [];
  let silentDeath = Promise.resolve();
  if (checkedP1) {
    const [ghost, watcher] = await deployment.createPeople(['Gus', 'Wim']);
    if (!ghost || !watcher) throw new Error('unreachable');
    const [first, second, third] = [await actorOf(ghost, 'Gus 1', 90), await actorOf(ghost, 'Gus 2', 91), await actorOf(watcher, 'Wim 1', 92)] as const;
    silenced.push(first, second, third);
    await third.device.messenger.conversations.openWith(ghost.id as UserId);
    silentDeath = new SilentDeath(deployment, history, [first, second], third).run(5_000);
  }

  const bystanders = await Bystanders.open({ deployment, history, folder, isWatched, endsAt: performance.now() + seconds * 1_000 });
  // The people and their conversations are to be there whatever it does to PostgreSQL.
  await plant?.onDeployment?.(deployment);
  say(`${actors.length} devices of ${people.length} people, ${seconds} s of faults, seed ${seed}`);
  for (const actor of actors) actor.act();
  const faults = new FaultSchedule(history, deployment, mix, actors, randomOf, bystanders);
  await pause(seconds * 1_000);
  const latest = performance.now() + LONGEST_MORE_MS;
  while (options.isEnough?.(bystanders.looks) === false && performance.now() < latest) await pause(LOOK_AGAIN_MS);
  await faults.stop();
  await Promise.all(actors.map((actor) => actor.rest()));
  await silentDeath;
  await bystanders.rest();

  say('Healing');
  await deployment.start();
  for (const proxy of proxies) proxy.heal();
  const everybody = [...actors, ...silenced];
  for (const { device } of everybody) {
    device.network.plug();
    device.messenger.connection.wake();
  }
  const waiting = await untilSettled(deployment, everybody, stillMs);
  await bystanders.settle();
  for (const reason of waiting) history.violation('S4', `Healed, and nobody nearer to rest for ${stillMs / 1_000} s: ${reason}`);

  say('Comparing');
  // A new device confirms what its snapshot brings, of which the others are told: everybody rests again before anybody is read.
  const newcomers = await Promise.all(people.map((person) => newcomerOf(deployment, folder, person, actors)));
  // Where the others did not come to rest, they are not waited for once more.
  const resting = [...(waiting.length === 0 ? everybody : []), ...newcomers];
  for (const reason of await untilSettled(deployment, resting, stillMs)) history.violation('S4', `After a new device signed in, ${reason}`);
  const devices: DeviceState[] = [];
  for (const { name, person, device, conversations, snapshotPosition } of actors) {
    // Signed out is a violation by itself, and nothing is left to read.
    if (device.messenger.session.state().status !== 'signed-in') continue;
    devices.push(await readDevice({ name, userId: person.id, snapshotPosition: snapshotPosition ?? Number.POSITIVE_INFINITY }, device, conversations));
  }
  const fresh = new Map<string, DeviceState>();
  for (const { name, person, device, conversations } of newcomers) {
    fresh.set(person.id, await readDevice({ name, userId: person.id, snapshotPosition: Number.POSITIVE_INFINITY }, device, conversations));
    await device.close();
  }
  // Last, and with nobody connected any more: of devices that did not come to rest, too, everything that was acknowledged is to be there.
  for (const { device } of actors) device.network.unplug();
  const server = await readServer(deployment, people.map(({ id }) => id));
  const violations = [...history.violations, ...checkRules({ sends: history.sends, changes: history.changes, server, devices, fresh, samples })];
  for (const { rule, sentence } of violations) history.note('found', { rule, sentence });

  for (const actor of everybody) await actor.close();
  for (const proxy of proxies) await proxy.close();
  await history.close();
  await rm(folder, { recursive: true, force: true });
  return {
    seed,
    seconds,
    nodes: deployment.nodes.length,
    looks: bystanders.looks,
    devices: actors.length,
    sends: history.sends.size,
    acknowledged: history.acknowledged,
    received: history.received,
    stored: server.messages.length,
    faults: history.faults,
    checkedP1,
    isWatched,
    violations,
    historyFile: history.file,
  };
}

/** Everybody talks to everybody. */
async function openConversations(people: readonly Person[], actors: readonly Actor[]): Promise<void> {
  for (const [index, person] of people.entries()) {
    for (const peer of people.slice(index + 1)) {
      const actor = actors.find((candidate) => candidate.person === person);
      if (!actor) throw new Error('unreachable');
      const { id } = await actor.device.messenger.conversations.openWith(peer.id as UserId);
      for (const member of actors) if (member.person === person || member.person === peer) member.conversations.push(id);
    }
  }
  // A send needs the conversation on the device.
  for (const actor of actors) for (const id of actor.conversations) await loaded(actor, id);
}

async function loaded({ device }: Actor, id: ConversationId): Promise<void> {
  await device.messenger.messages.page({ conversationId: id, limit: 1, at: 'end' });
}

/** The same person on a new device, straight to the server. */
async function newcomerOf(deployment: Deployment, folder: string, person: Person, actors: readonly Actor[]): Promise<Participant> {
  const name = `${person.name} new`;
  const device = new DurableDevice({ serverUrl: deployment.url, deviceName: name, file: join(folder, `${name}.sqlite`) });
  await device.start();
  await device.messenger.session.login({ login: person.email, password: PASSWORD });
  return { name, person, device, conversations: actors.find((actor) => actor.person === person)?.conversations ?? [] };
}
