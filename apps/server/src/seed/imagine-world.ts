import { searchWords, type UserId, uuidv7 } from '@couplet/protocol';
import type { Micros } from '../database/timestamps.ts';
import { ConversationWriter } from './conversation-writer.ts';
import type { ImaginedConversation, ImaginedUser, ImaginedWorld } from './imagined.ts';
import type { Phrasebook } from './phrasebook.ts';
import type { SeededRandom } from './random.ts';
import { PHRASEBOOKS } from './spoken-languages.ts';

const MINUTE: Micros = 60_000_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** More than a message takes with its receipts: room for all of them before the end. */
const SLOWEST_MESSAGE = 2 * MINUTE;
/** How far back the oldest conversations begin. */
const LONGEST_AGO = 240 * DAY;

export interface WorldSize {
  users: number;
  conversations: number;
  /** Of all conversations together. */
  messages: number;
}

/** Somebody with a language to talk in. */
export interface Inhabitant extends ImaginedUser {
  phrasebook: Phrasebook;
}

/**
 * People who know each other and talked over the last months: a few
 * conversations are long, most are short, some end in unread messages.
 *
 * @param now everything happened before it
 * @param suffix makes usernames and addresses of this world its own
 */
export function imagineWorld(size: WorldSize, random: SeededRandom, now: Micros, suffix: string): ImaginedWorld & { users: Inhabitant[] } {
  const users = imagineUsers(size.users, random, now, suffix);
  const pairs = choosePairs(users, size.conversations, random);
  const lengths = shareOut(size.messages, pairs.length, random);
  const conversations = pairs.map(([initiator, peer], index) => {
    const length = lengths[index] ?? 0;
    // Most ended some time ago, so that a list has today, yesterday and last week.
    const end = now - Math.floor(random.fraction() ** 3 * 12 * DAY) - 30 * MINUTE;
    return imagineConversation(initiator, peer, { phrasebook: initiator.phrasebook, length, end }, random);
  });
  return { users, conversations };
}

function imagineUsers(count: number, random: SeededRandom, now: Micros, suffix: string): Inhabitant[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const phrasebook = random.pick(PHRASEBOOKS);
    const name = `${random.pick(phrasebook.firstNames)} ${random.pick(phrasebook.lastNames)}`;
    const createdAt = now - LONGEST_AGO - random.between(1, 90) * DAY;
    const username = freeUsername(name, suffix, index, taken);
    const id = uuidv7(Math.floor(createdAt / 1000), (bytes) => random.fill(bytes)) as UserId;
    return { id, name, username, email: `${username}@demo.test`, createdAt, phrasebook };
  });
}

/** `mara.lindqvist`, or a numbered one when it is taken or the name has no Latin letters. */
function freeUsername(name: string, suffix: string, index: number, taken: Set<string>): string {
  const latin = searchWords(name).map((word) => word.replace(/[^a-z0-9]/g, '')).filter((word) => word.length > 1);
  const wished = `${latin.join('.').slice(0, 20) || 'user'}${suffix}`;
  const username = latin.length === 0 || taken.has(wished) ? `${wished}.${index + 1}` : wished;
  taken.add(username);
  return username;
}

/** Everybody gets somebody first; then people of the same language find each other, each pair once. */
function choosePairs(users: readonly Inhabitant[], count: number, random: SeededRandom): [Inhabitant, Inhabitant][] {
  const most = (users.length * (users.length - 1)) / 2;
  if (count > most) throw new RangeError(`${users.length} people make at most ${most} conversations`);
  const seen = new Set<string>();
  const pairs: [Inhabitant, Inhabitant][] = [];
  const add = (one: Inhabitant, other: Inhabitant): void => {
    const key = [one.id, other.id].sort().join(' ');
    if (one === other || seen.has(key) || pairs.length === count) return;
    seen.add(key);
    pairs.push([one, other]);
  };
  for (let index = 0; index + 1 < users.length; index += 2) {
    const [one, other] = [users[index], users[index + 1]];
    if (one && other) add(one, other);
  }
  const tries = count * 20;
  for (let attempt = 0; attempt < tries && pairs.length < count; attempt += 1) {
    const one = random.pick(users);
    const other = random.pick(users);
    if (one.phrasebook === other.phrasebook || random.chance(0.2)) add(one, other);
  }
  // A nearly complete graph: chance would take long to find the last gaps.
  for (const one of users) for (const other of users) add(one, other);
  return pairs;
}

/** A few get much, most get little, as in life; the sum is exact. */
function shareOut(total: number, among: number, random: SeededRandom): number[] {
  const weights = Array.from({ length: among }, () => 1 / (0.02 + random.fraction()));
  const sum = weights.reduce((left, right) => left + right, 0);
  const shares = weights.map((weight) => Math.floor((total * weight) / sum));
  let rest = total - shares.reduce((left, right) => left + right, 0);
  for (let index = 0; rest > 0 && among > 0; index = (index + 1) % among, rest -= 1) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}

/** `length` messages over months, the last of them at about `end`. */
export function imagineConversation(
  initiator: ImaginedUser,
  peer: ImaginedUser,
  { phrasebook, length, end }: { phrasebook: Phrasebook; length: number; end: Micros },
  random: SeededRandom,
): ImaginedConversation {
  const { scenes, words } = phrasebook;
  const averageScene = scenes.reduce((sum, scene) => sum + scene.length, 0) / scenes.length;
  const wished = end - random.between(2, LONGEST_AGO / DAY) * DAY + random.between(0, 12) * HOUR;
  const writer = new ConversationWriter(initiator, peer, Math.min(wished, end - length * SLOWEST_MESSAGE), random);
  while (writer.length < length) {
    const begins = random.chance(0.5) ? 0 : 1;
    for (const line of random.pick(scenes)) {
      if (writer.length === length) break;
      const who = line.startsWith('<') === (begins === 0) ? 0 : 1;
      writer.say(who, fillIn(line.slice(1), words, random));
    }
    const left = length - writer.length;
    // What time is left, shared among the exchanges that are still to come.
    const slack = Math.max(0, end - writer.now - left * SLOWEST_MESSAGE);
    const pause = Math.min(slack, (slack / Math.max(1, left / averageScene)) * 2 * random.fraction());
    if (left > 0) writer.waitUntil(pause > 8 * HOUR ? inTheDay(writer.now + Math.floor(pause)) : writer.now + Math.floor(pause));
  }
  const lastSaid = writer.conversation.occurrences.findLast((occurrence) => occurrence.type === 'said');
  if (lastSaid) endOf(writer, lastSaid.receiverId === initiator.id ? 0 : 1, random);
  return writer.conversation;
}

/** Most are read to the end, some wait delivered, some wait on the server. */
function endOf(writer: ConversationWriter, receiver: 0 | 1, random: SeededRandom): void {
  if (random.chance(0.65)) writer.read(receiver);
  else if (random.chance(0.6)) writer.deliver(receiver);
}

function fillIn(line: string, words: Phrasebook['words'], random: SeededRandom): string {
  return line.replace(/\{(\w+)\}/g, (_, name: string) => random.pick(words[name] ?? [name]));
}

/** Nobody writes between midnight and seven: the evening before then. */
function inTheDay(at: Micros): Micros {
  const hour = Math.floor((at % DAY) / HOUR);
  return hour < 7 ? at - (hour + 1) * HOUR : at;
}
