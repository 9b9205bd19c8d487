import { WebSocket } from 'ws';
import { PROTOCOL_VERSION } from '@couplet/protocol';

/**
 * One connected user of the load generator. It parses as little as it can: the
 * generator shares the machine with what it measures.
 */
export class LoadClient {
  readonly userId: string;
  readonly #socket: WebSocket;
  readonly #onAck: (clientMsgId: string) => void;
  readonly #onNew: (clientMsgId: string) => void;
  #isClosed = false;

  private constructor(userId: string, socket: WebSocket, onAck: (clientMsgId: string) => void, onNew: (clientMsgId: string) => void) {
    this.userId = userId;
    this.#socket = socket;
    this.#onAck = onAck;
    this.#onNew = onNew;
    socket.on('message', (frame: Buffer) => this.#receive(frame));
    // Nobody would answer any more, and the figures would be of that silence.
    socket.on('close', (code: number) => {
      if (!this.#isClosed) throw new Error(`The server closed a connection of the load with ${code}.`);
    });
  }

  static async connect(
    url: string,
    user: { id: string; token: string },
    listeners: { onAck: (clientMsgId: string) => void; onNew: (clientMsgId: string) => void },
  ): Promise<LoadClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('open', () => {
        socket.send(JSON.stringify({ type: 'auth', id: 'auth', ts: 0, data: { token: user.token, protocolVersion: PROTOCOL_VERSION } }));
      });
      socket.once('message', (frame: Buffer) => {
        const text = frame.toString();
        if (text.includes('"auth.ok"')) resolve();
        else reject(new Error(text));
      });
    });
    return new LoadClient(user.id, socket, listeners.onAck, listeners.onNew);
  }

  send(conversationId: string, clientMsgId: string, text: string): void {
    this.#socket.send(
      `{"type":"chat.message.send","id":"${clientMsgId}","ts":0,"data":{"conversationId":"${conversationId}","clientMsgId":"${clientMsgId}","text":"${text}"}}`,
    );
  }

  /** Begins the conversation with this user; resolves with its id. */
  begin(receiverId: string): Promise<string> {
    const clientMsgId = `begin-${this.userId}`;
    return new Promise((resolve, reject) => {
      const listen = (frame: Buffer) => {
        const answer = JSON.parse(frame.toString()) as { replyTo?: string; type: string; data: { conversationId: string } };
        if (answer.replyTo !== clientMsgId) return;
        this.#socket.off('message', listen);
        if (answer.type === 'chat.message.ack') resolve(answer.data.conversationId);
        else reject(new Error(JSON.stringify(answer)));
      };
      this.#socket.on('message', listen);
      this.#socket.send(
        JSON.stringify({ type: 'chat.message.send', id: clientMsgId, ts: 0, data: { receiverId, clientMsgId, text: 'Hello' } }),
      );
    });
  }

  /** Tells that everything up to `seq` arrived. */
  confirmDelivered(conversationId: string, seq: number): void {
    this.#socket.send(`{"type":"chat.message.delivered","id":"d","ts":0,"data":{"conversationId":"${conversationId}","seq":${seq}}}`);
  }

  /** Still here: without it the server closes the connection. */
  ping(): void {
    this.#socket.send('{"type":"presence.ping","id":"p","ts":0,"data":{}}');
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.terminate();
  }

  #receive(frame: Buffer): void {
    const text = frame.toString('latin1');
    if (text.startsWith('{"type":"chat.message.ack"')) this.#onAck(idIn(text));
    else if (text.startsWith('{"type":"chat.message.new"')) this.#onNew(idIn(text));
    else if (text.startsWith('{"type":"error"')) throw new Error(text);
  }
}

const MARK = '"clientMsgId":"';

function idIn(text: string): string {
  const start = text.indexOf(MARK) + MARK.length;
  return text.slice(start, text.indexOf('"', start));
}
