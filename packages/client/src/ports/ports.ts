import type { ProblemLog } from '../problem-log.ts';
import type { CancelSignal, FilesPort } from './files-port.ts';
import type { Store } from '../store/store.ts';
import type { PusherPort } from '../transports/pusher-port.ts';

/** Everything the messenger needs from its host. Each port has an in-memory twin under `testing/`. */
export interface Ports {
  http: HttpPort;
  socket: SocketPort;
  clock: ClockPort;
  random: RandomPort;
  network: NetworkPort;
  tokens: TokenStorage;
  store: Store;
  /** Left out where nothing but text is sent. */
  files?: FilesPort;
  /** What the host keeps of pictures that were seen: cleared when the account leaves the device, or another one takes it over. */
  media?: { clear(): Promise<void> };
  /** Given: events come over the Pusher protocol and requests go over REST. Left out: both over the native protocol. */
  pusher?: PusherPort;
  /** Left out where no connection costs extra. */
  meter?: MeterPort;
  /** Left out where the app runs once, as on phones. */
  siblings?: SiblingsPort;
  /** Given by a host whose ports report problems too; they show among the messenger's own. */
  problems?: ProblemLog;
}

/** The other places where the app runs on the same device database: the tabs of one browser. */
export interface SiblingsPort {
  /** Reaches the others that are there now, as a copy; never the caller. */
  tell(note: unknown): void;
  subscribe(listener: (note: unknown) => void): () => void;
  /**
   * Calls `elected` as soon as no other one leads, at once if none does now. Leads
   * from then on until the answered function is called or the tab is gone.
   */
  lead(elected: () => void): () => void;
}

/** Milliseconds since the epoch, and timers. `schedule` answers the function that cancels. */
export interface ClockPort {
  now(): number;
  schedule(delayMs: number, task: () => void): () => void;
}

/** Cryptographically strong bytes for ids; a fraction in [0, 1) for jitter. */
export interface RandomPort {
  fill(bytes: Uint8Array): void;
  fraction(): number;
}

/** What the platform says of the network. `true` is a hint, never a promise. */
export interface NetworkPort {
  isOnline(): boolean;
  subscribe(listener: (isOnline: boolean) => void): () => void;
}

/** What the platform says of what a connection costs: metered ones are mobile data, or a person's wish to save it. */
export interface MeterPort {
  isMetered(): boolean;
  /** Called when that may have changed. */
  subscribe(listener: () => void): () => void;
}

export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
  signal?: CancelSignal;
}

export interface HttpResponse {
  status: number;
  /** Lower-case header name → value. */
  headers: Record<string, string>;
  body: string;
}

/** Resolves with any status; rejects only when no answer came (offline, time-out, cut, cancelled). */
export interface HttpPort {
  request(request: HttpRequest): Promise<HttpResponse>;
}

/** Called after `open` has returned, never from within it. */
export interface SocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  /** Exactly once, also when the socket never opened. */
  onClose(code: number, reason: string): void;
}

export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface SocketPort {
  open(url: string, handlers: SocketHandlers): Socket;
}

/** The platform's secure place for the session's tokens. */
export interface TokenStorage {
  load(): Promise<string | null>;
  save(value: string): Promise<void>;
  clear(): Promise<void>;
}
