import { join } from 'node:path';
import type { UserId } from '@couplet/protocol';
import { DurableDevice } from '@couplet/test-system/faults';
import { ask, askUntilDone, pause } from './ask.ts';
import { type Deployment, PASSWORD, type Person } from './deployment.ts';
import type { History } from './history.ts';
import type { PushWorld } from './push-world.ts';

const EVERY_MS = 2_500;
const ASK_EVERY_MS = 500;
/** What PUSH_GRACE is unless configured. */
const GRACE_MS = 5_000;
/**
 * A node that was killed with a push in its hands is waited for a minute
 * (`SEND_EXPIRES_SECONDS`), and the job queue looks for such once a minute.
 */
const PUSHED_WITHIN_MS = 150_000;
/** Who takes over from a node that was killed or paused with a push in its hands cannot know whether it was sent: within this after the message such a fault may double it. */
const DOUBLED_WITHIN_MS = 70_000;

/**
 * P3: Max has a browser that takes pushes and is never connected, so each message
 * is pushed to it once; Nora has a browser too, and a device that is connected,
 * so what that acknowledged within the grace time is not pushed at all.
 */
export class PushWatch {
  readonly #deployment: Deployment;
  readonly #history: History;
  readonly #world: PushWorld;
  readonly #sender: Person;
  readonly #max: Receiver;
  readonly #nora: Receiver;
  readonly #norasPhone: DurableDevice;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(deployment: Deployment, history: History, world: PushWorld, sender: Person, receivers: readonly [Receiver, Receiver], norasPhone: DurableDevice) {
    this.#deployment = deployment;
    this.#history = history;
    this.#world = world;
    this.#sender = sender;
    [this.#max, this.#nora] = receivers;
    this.#norasPhone = norasPhone;
  }

  static async open(deployment: Deployment, history: History, folder: string, world: PushWorld): Promise<PushWatch> {
    const [sender, max, nora] = (await deployment.createPeople(['Otto', 'Max', 'Nora'])) as [Person, Person, Person];
    const token = await deployment.issueToken(sender.id);
    const receivers = await Promise.all([max, nora].map((person) => receiverOf(deployment, world, person, token)));
    const phone = new DurableDevice({ serverUrl: deployment.url, deviceName: 'Nora 1', file: join(folder, 'nora.sqlite') });
    await phone.start();
    await phone.messenger.session.login({ login: nora.email, password: PASSWORD });
    await phone.messenger.conversations.openWith(sender.id as UserId);
    const watch = new PushWatch(deployment, history, world, sender, receivers as [Receiver, Receiver], phone);
    watch.#running = watch.#run();
    return watch;
  }

  /** Messages that were to be pushed, and those that were. */
  get looks(): { due: number; pushed: number } {
    return { due: this.#max.sentAt.size, pushed: this.#pushesOf(this.#max).size };
  }

  /** No more messages. What was sent is still waited for by `settle`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** After everything is healed: waits for what is due, and compares. */
  async settle(): Promise<void> {
    const seqs = (await this.#deployment.postgres.query<{ seq: number }>('SELECT seq FROM messages WHERE conversation_id = $1', [this.#max.conversationId])).map(({ seq }) => seq);
    const deadline = performance.now() + PUSHED_WITHIN_MS;
    while (seqs.some((seq) => !this.#pushesOf(this.#max).has(seq)) && performance.now() < deadline) await pause(ASK_EVERY_MS);
    // What should not come would come now.
    await pause(GRACE_MS);
    const pushed = this.#pushesOf(this.#max);
    for (const seq of seqs) if (!pushed.has(seq)) this.#history.violation('P3', `Seq ${seq} for Max, who is nowhere connected, was not pushed`);
    for (const receiver of [this.#max, this.#nora]) this.#complainOfDoubles(receiver);
    // Clocks that disagree cannot tell what was acknowledged in time.
    if (!this.#deployment.isSkewed) await this.#complainOfNeedless(this.#nora);
    await this.#norasPhone.close();
  }

  #complainOfDoubles(receiver: Receiver): void {
    for (const [seq, count] of this.#pushesOf(receiver)) {
      if (count === 1) continue;
      const sentAt = receiver.sentAt.get(seq);
      const pushes = this.#world.browsers.received.pushes.filter(({ path, notice }) => path === receiver.path && notice.type === 'message' && notice.seq === seq);
      const isExcused = sentAt === undefined || this.#history.interruptions.some((at) => at >= sentAt && at < sentAt + DOUBLED_WITHIN_MS);
      this.#history.note('pushed again', { seq, sentAt, isExcused, pushes: pushes.map(({ at, isAnswered }) => ({ at, isAnswered })) });
      if (!isExcused) this.#history.violation('P3', `Seq ${seq} of ${receiver.conversationId} was pushed ${count} times`);
    }
  }

  async #complainOfNeedless(receiver: Receiver): Promise<void> {
    const acknowledged = await this.#deployment.postgres.query<{ seq: number; ms: number }>(
      `SELECT m.seq, (extract(epoch FROM min(a.at::timestamptz - m.created_at::timestamptz)) * 1000)::int AS ms
       FROM messages m JOIN watermark_advances a ON a.conversation_id = m.conversation_id AND a.user_id = m.receiver_id AND a.kind = 'delivered' AND a.seq >= m.seq
       WHERE m.conversation_id = $1 GROUP BY m.seq`,
      [receiver.conversationId],
    );
    const pushed = this.#pushesOf(receiver);
    for (const { seq, ms } of acknowledged) {
      if (ms < GRACE_MS && pushed.has(seq)) this.#history.violation('P3', `Seq ${seq} for Nora was pushed, though a device had acknowledged it after ${ms} ms`);
    }
  }

  /** How often each message was pushed there, by seq. */
  #pushesOf({ path }: Receiver): Map<number, number> {
    const counts = new Map<number, number>();
    for (const push of this.#world.browsers.received.pushes) {
      if (push.path === path && push.notice.type === 'message') counts.set(push.notice.seq, (counts.get(push.notice.seq) ?? 0) + 1);
    }
    return counts;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let count = 0; !signal.aborted; count += 1) {
      for (const receiver of [this.#max, this.#nora]) {
        const token = await this.#deployment.issueToken(this.#sender.id).catch(() => null);
        if (token === null) continue;
        const clientMsgId = `push-${receiver.conversationId}-${count}`;
        const sentAt = Date.now();
        const answer = await askUntilDone(`${this.#deployment.url}/api/conversations/${receiver.conversationId}/messages`, { method: 'POST', token, body: { clientMsgId, text: `Pushed ${count}` } }, signal);
        if (answer !== null) receiver.sentAt.set((answer as { seq: number }).seq, sentAt);
      }
      await pause(EVERY_MS, signal);
    }
  }
}

interface Receiver {
  conversationId: string;
  /** Of its subscription at the push service. */
  path: string;
  /** By seq, epoch milliseconds. */
  sentAt: Map<number, number>;
}

async function receiverOf(deployment: Deployment, world: PushWorld, person: Person, senderToken: string): Promise<Receiver> {
  const opened = await ask(`${deployment.url}/api/conversations`, { method: 'POST', token: senderToken, body: { userId: person.id } });
  const signedIn = await ask(`${deployment.url}/api/auth/login`, { method: 'POST', body: { login: person.email, password: PASSWORD } });
  const subscription = world.browsers.subscribe();
  await ask(`${deployment.url}/api/devices/register`, { method: 'POST', token: (signedIn?.body as { accessToken: string }).accessToken, body: { platform: 'web', token: subscription } });
  const { endpoint } = JSON.parse(subscription) as { endpoint: string };
  return { conversationId: (opened?.body as { id: string }).id, path: new URL(endpoint).pathname, sentAt: new Map() };
}
