import type { Messenger } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import type { DurableDevice } from '@couplet/test-system/faults';
import type { Deployment, Person } from './deployment.ts';

/** A device of somebody, and the conversations it is in. */
export interface Participant {
  name: string;
  person: Person;
  device: DurableDevice;
  conversations: ConversationId[];
}

/** What one device has still to do before it rests, and why it does not; each number is 0 at rest. */
interface Distance {
  reason: string | null;
  steps: Readonly<Record<'connecting' | 'sending' | 'telling' | 'following', number>>;
}

const LOOK_AGAIN_MS = 100;

/**
 * Barrier at the end: everybody is connected, has told everything, and is at the
 * end of the log. Answers who is not when nobody came nearer to that for
 * `stillMs`: a slow machine takes long, and only who stands still never arrives.
 */
export async function untilSettled(deployment: Deployment, participants: readonly Participant[], stillMs: number): Promise<string[]> {
  const nearest = new Nearest();
  let movedAt = performance.now();
  for (;;) {
    const waiting: string[] = [];
    const logs = await deployment.postgres.query<{ user_id: string; last_position: number }>('SELECT user_id, last_position FROM event_logs', []);
    const ends = new Map(logs.map(({ user_id, last_position }) => [user_id, last_position]));
    for (const participant of participants) {
      const { reason, steps } = await distanceOf(participant, ends.get(participant.person.id) ?? 0);
      if (nearest.note(participant.name, steps)) movedAt = performance.now();
      if (reason !== null) waiting.push(`${participant.name} ${reason}`);
    }
    if (waiting.length === 0 || performance.now() - movedAt > stillMs) return waiting;
    await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** How near everybody has been to rest. What goes back and forth is no way there: only what was never reached before counts. */
export class Nearest {
  readonly #least = new Map<string, number>();

  /** Whether any of these is less than ever before. */
  note(name: string, steps: Distance['steps']): boolean {
    let isNearer = false;
    for (const [step, left] of Object.entries(steps)) {
      const key = `${name} ${step}`;
      if (left >= (this.#least.get(key) ?? Number.POSITIVE_INFINITY)) continue;
      this.#least.set(key, left);
      isNearer = true;
    }
    return isNearer;
  }
}

async function distanceOf({ device, conversations }: Participant, end: number): Promise<Distance> {
  const { messenger } = device;
  const { connection, outboxSize, unconfirmed, position, lastErrors } = await messenger.diagnostics();
  const isLive = connection.status === 'online' && connection.phase === 'live';
  // Refused messages stay for the person to decide; everything else goes out.
  const sending = outboxSize > 0 && isLive ? outboxSize - (await letGoOfRefused(messenger, conversations)) : outboxSize;
  const steps = { connecting: connection.status !== 'online' ? 2 : isLive ? 0 : 1, sending, telling: unconfirmed, following: Math.abs(end - position) };
  const said = ` (${lastErrors.slice(-3).map(({ where, message }) => `${where}: ${message}`).join(' · ')})`;
  const reason =
    connection.status !== 'online' ? `is ${connection.status}`
    : !isLive ? 'is still catching up'
    : sending > 0 ? `still has ${sending} to send`
    : unconfirmed > 0 ? `still has ${unconfirmed} receipts or settings to tell`
    : position !== end ? `is at position ${position} of ${end}`
    : null;
  return { reason: reason === null ? null : reason + said, steps };
}

/** Changes of a message that another device had deleted by then: the person sees the refusal, and lets go. Answers how many messages were refused. */
async function letGoOfRefused(messenger: Messenger, conversations: readonly ConversationId[]): Promise<number> {
  let refused = 0;
  for (const conversationId of conversations) {
    refused += (await messenger.messages.pending(conversationId)).filter(({ state }) => state.status === 'failed').length;
    for (const { id, state } of await messenger.messages.pendingChanges(conversationId)) {
      if (state.status === 'failed' && state.code === 'conflict') await messenger.messages.discard(id);
    }
  }
  return refused;
}
