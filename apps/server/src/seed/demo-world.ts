import { type UserId, uuidv7 } from '@couplet/protocol';
import type { Micros } from '../database/timestamps.ts';
import { ConversationWriter } from './conversation-writer.ts';
import { imagineConversation, imagineWorld, type Inhabitant } from './imagine-world.ts';
import type { ImaginedConversation, ImaginedUser, ImaginedWorld } from './imagined.ts';
import type { SeededRandom } from './random.ts';

const MINUTE: Micros = 60_000_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** People around the two demo accounts: enough for a list that scrolls, few enough to start at once. */
const CROWD = { users: 24, conversations: 30, messages: 1_500 };
/** Of the crowd, those who know one of the two. */
const FRIENDS = 18;

export const DEMO_EMAIL = 'ana@demo.test';
export const DEMO_PASSWORD = 'couplet-demo';

/**
 * The two accounts of the demo and the people they know: Ana with Mara (who is
 * about to print a book of poems), with Bo, and with some of the crowd.
 */
export function imagineDemoWorld(random: SeededRandom, now: Micros): ImaginedWorld {
  const crowd = imagineWorld(CROWD, random, now, '');
  const person = (name: string, username: string): ImaginedUser => {
    const createdAt = now - 300 * DAY;
    const id = uuidv7(Math.floor(createdAt / 1000), (bytes) => random.fill(bytes)) as UserId;
    return { id, name, username, email: `${username}@demo.test`, createdAt };
  };
  const ana = person('Ana Ferreira', 'ana');
  const bo = person('Bo Eriksen', 'bo');
  const mara = person('Mara Lindqvist', 'mara');
  const theo = person('Theo Marchetti', 'theo');
  const print = person('Halloran & Sons', 'halloran.print');
  const own = [
    writeMara(new ConversationWriter(mara, ana, dayBefore(now, 40, 17), random), now),
    writeBo(new ConversationWriter(ana, bo, dayBefore(now, 60, 17), random), now),
    writeTheo(new ConversationWriter(theo, ana, dayBefore(now, 20, 17), random), now),
    writePrint(new ConversationWriter(ana, print, dayBefore(now, 9, 17), random), now),
  ];
  return {
    users: [ana, bo, mara, theo, print, ...crowd.users],
    conversations: [...own, ...befriend(crowd.users, [ana, bo], random, now), ...crowd.conversations],
  };
}

/** Some of the crowd know Ana, some know Bo; the last time they talked was between this morning and two weeks ago. */
function befriend(crowd: readonly Inhabitant[], [ana, bo]: readonly [ImaginedUser, ImaginedUser], random: SeededRandom, now: Micros): ImaginedConversation[] {
  return crowd.slice(0, FRIENDS).map((friend, index) => {
    const end = now - 6 * HOUR - Math.floor((index / FRIENDS) ** 2 * 14 * DAY) - random.between(0, 90) * MINUTE;
    const host = index % 3 === 2 ? bo : ana;
    return imagineConversation(host, friend, { phrasebook: friend.phrasebook, length: random.between(12, 160), end }, random);
  });
}

function writeMara(writer: ConversationWriter, now: Micros): ImaginedConversation {
  writer.say(0, 'Found you! So this is where you all went');
  writer.say(1, 'Welcome 🙂 How is the book?');
  writer.say(0, 'Forty poems, thirty-nine of them finished');
  writer.say(1, 'And the fortieth?');
  writer.say(0, 'Sulking');
  writer.waitUntil(dayBefore(now, 12, 19));
  writer.say(1, 'Printer says he can do the cover in two colours, but then the paper has to be the heavy one. It costs 80 more and it will feel like a book you keep. I would do it.');
  writer.say(0, 'Do it');
  writer.react(1, 'Do it', '🎉');
  writer.waitUntil(dayBefore(now, 4, 9));
  writer.say(0, 'Proofs go out on Friday, he promised');
  writer.say(1, 'He promised last time too');
  writer.say(0, 'This time I brought cake');
  writer.waitUntil(now - 8 * HOUR);
  writer.say(0, 'Morning! Did the proofs arrive?');
  writer.say(0, 'The printer swears he sent them Friday.');
  writer.waitUntil(writer.now + 7 * MINUTE);
  writer.say(1, 'They did, and two of them are gorgeous');
  writer.say(1, 'Looking at them in daylight now', 'Did the proofs arrive?');
  writer.waitUntil(writer.now + 2 * MINUTE);
  writer.say(1, 'The red on page nine is deeper than on the screen, like the evening we sat at the harbour');
  writer.react(0, 'The red on page nine', '😍');
  writer.read(0);
  writer.waitUntil(now - 34 * MINUTE);
  writer.say(0, 'Oh that is lovely. Keep the red, it is exactly the poem');
  writer.say(0, 'Can you send me the print file too?');
  writer.deliver(1);
  return writer.conversation;
}

function writeBo(writer: ConversationWriter, now: Micros): ImaginedConversation {
  writer.say(0, 'Hej Bo! Is this you?');
  writer.say(1, 'It is me! New phone, old me');
  writer.say(0, 'Dinner on Thursday? I want to hear about the boat');
  writer.say(1, 'The boat is a long story. Two dinners');
  writer.waitUntil(dayBefore(now, 21, 12));
  writer.say(1, 'She floats!! ⛵');
  writer.react(0, 'She floats', '🎉');
  writer.say(0, 'SHE FLOATS');
  writer.say(1, 'First trip on Sunday if the wind is kind. Bring a jumper, the warm one, and do not believe me when I say it is only an hour. It has never been only an hour.');
  writer.say(0, 'I have known you for eleven years, I packed for two days');
  writer.waitUntil(dayBefore(now, 3, 18));
  writer.say(0, 'Did you find the spare anchor?');
  writer.say(1, 'Under the other spare anchor');
  writer.waitUntil(now - 95 * MINUTE);
  writer.say(1, 'Wind looks good for Saturday');
  writer.say(0, 'What time?');
  writer.say(1, 'Seven at the pier. Coffee is on me', 'What time?');
  writer.say(0, 'Then I am awake. Mara comes too, she needs salt water after all that proofreading');
  writer.say(1, 'Three of us, four sandwiches');
  writer.read(0);
  writer.say(0, 'Five. I know you');
  writer.read(1);
  return writer.conversation;
}

function writeTheo(writer: ConversationWriter, now: Micros): ImaginedConversation {
  writer.say(0, 'Ciao Ana, Theo here, from the reading');
  writer.say(1, 'Theo! The one with the umbrella');
  writer.say(0, 'It is still yours if you want it back');
  writer.waitUntil(dayBefore(now, 2, 20));
  writer.say(1, 'Could you look over the French translation of the blurb? It is short');
  writer.say(0, 'With pleasure. « Un petit livre pour les longues soirées » — I would leave it exactly like that');
  writer.react(1, 'With pleasure', '❤️');
  writer.waitUntil(now - 5 * HOUR);
  writer.say(1, 'You are credited on the last page, I hope that is all right');
  writer.read(0);
  return writer.conversation;
}

function writePrint(writer: ConversationWriter, now: Micros): ImaginedConversation {
  writer.say(0, 'Good morning, could you hold the heavy paper for us until next week?');
  writer.say(1, 'Held. 300 sheets, off-white.');
  writer.waitUntil(dayBefore(now, 1, 9));
  writer.say(1, 'Your proofs are on their way. Please confirm the spine width, 7 mm, before we bind.');
  writer.say(0, 'Confirmed, 7 mm. Thank you!');
  writer.say(1, 'Thank you. Binding on Monday.');
  return writer.conversation;
}

/** `hour` o'clock (UTC), some days before: people write by day, whenever the demo is started. */
function dayBefore(now: Micros, days: number, hour: number): Micros {
  return now - (now % DAY) - days * DAY + hour * HOUR;
}
