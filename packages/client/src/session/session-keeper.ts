import { CoupletError, type SignedIn, type UserId, type Viewer } from '@couplet/protocol';
import { Cancellation } from '../cancellation.ts';
import { Listeners } from '../listeners.ts';
import type { CancelSignal } from '../ports/files-port.ts';
import type { ClockPort, TokenStorage } from '../ports/ports.ts';
import { type InputOf, requestEndpoint, type RestServer } from './request-endpoint.ts';
import type { SessionState, SignOutReason } from './session-state.ts';
import { encodeStoredSession, parseStoredSession, refreshDueAt, type StoredSession, storedSessionOf } from './stored-session.ts';

/** What the device must have done before the session's state is announced. */
export interface SessionDevice {
  /** Makes the device this person's: what another person left is wiped. */
  claim(userId: UserId): Promise<void>;
  /** Removes everything of the account. */
  wipe(): Promise<void>;
}

export interface SessionKeeperOptions {
  server: RestServer;
  storage: TokenStorage;
  clock: ClockPort;
  deviceName: string;
  device: SessionDevice;
}

/**
 * Holds the session's tokens: restores them, refreshes them once at a time, and
 * loses them only when the server says so with 401 or the person signs out. A
 * network failure never signs out.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #states: Listeners<SessionState>;
  readonly #tokens: Listeners<string>;
  #state: SessionState = { status: 'restoring' };
  #held: StoredSession | null = null;
  #ending = new Cancellation();
  #refreshing: Promise<string> | null = null;
  #loggingOut: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #isClosed = false;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    this.#states = new Listeners((error) => options.server.report('session', error));
    this.#tokens = new Listeners((error) => options.server.report('session', error));
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: (state: SessionState) => void): () => void {
    return this.#states.subscribe(listener);
  }

  /** Each new access token of the same session. */
  subscribeToTokens(listener: (accessToken: string) => void): () => void {
    return this.#tokens.subscribe(listener);
  }

  /** Cancelled when the session that is held now, or none, is no more. */
  get ending(): CancelSignal {
    return this.#ending;
  }

  async restore(): Promise<void> {
    const text = await this.#options.storage.load().catch((error: unknown) => {
      this.#options.server.report('session', error);
      return null;
    });
    const stored = text === null ? null : parseStoredSession(text);
    if (stored === null) {
      if (text !== null) {
        this.#options.server.report('session', 'the stored session could not be read');
        await this.#clearStorage();
      }
      this.#become({ status: 'signed-out', reason: 'none' });
      return;
    }
    await this.#options.device.claim(stored.signedIn.user.id);
    this.#adopt(stored);
    this.#becomeSignedIn(stored);
  }

  async register(input: Omit<InputOf<'register'>['body'], 'deviceName'>): Promise<void> {
    const { server, deviceName } = this.#options;
    await this.#begin(await requestEndpoint(server, 'register', { body: { ...input, deviceName } }, null));
  }

  async login(input: { login: string; password: string }): Promise<void> {
    const { server, deviceName } = this.#options;
    await this.#begin(await requestEndpoint(server, 'login', { body: { ...input, deviceName } }, null));
  }

  /** Wipes the device in any case; tells the server if it can be reached. Called again meanwhile it answers the same promise. */
  logout(): Promise<void> {
    this.#loggingOut ??= this.#logout().finally(() => {
      this.#loggingOut = null;
    });
    return this.#loggingOut;
  }

  async #logout(): Promise<void> {
    if (this.#held !== null) {
      // With a fresh token: an expired one would leave the session alive at the server.
      const token = await this.accessToken().catch((error: unknown) => {
        this.#options.server.report('session', error);
        return null;
      });
      // Before the server ends it: whoever asks in its name after that is refused, and would take it for revoked.
      this.#letGo();
      if (token !== null) await requestEndpoint(this.#options.server, 'logout', {}, token).catch((error: unknown) => this.#options.server.report('session', error));
      // Signed out in another tab meanwhile: what is stored may be somebody else's by now.
      if (this.#held !== null || this.#state.status === 'signed-out') return;
    }
    await this.#lose('logout');
  }

  /** The person signed out in another tab, which cleared what was stored; by now it may be somebody else's. */
  leave(): void {
    this.#letGo();
    this.#become({ status: 'signed-out', reason: 'logout' });
  }

  /** Fresh enough to use. When the due refresh finds no network, the held token still counts. */
  async accessToken(): Promise<string> {
    const held = this.#require();
    if (this.#options.clock.now() < refreshDueAt(held)) return held.signedIn.accessToken;
    try {
      return await this.#refreshOnce();
    } catch (error) {
      if (this.#held === null) throw error;
      return this.#held.signedIn.accessToken;
    }
  }

  /** A token other than the one the server refused. */
  async replaceToken(refused: string): Promise<string> {
    const held = this.#require();
    if (held.signedIn.accessToken !== refused) return held.signedIn.accessToken;
    return this.#refreshOnce();
  }

  /** What the viewer sees of themselves changed. */
  async updateViewer(viewer: Viewer): Promise<void> {
    if (this.#held === null) return;
    this.#held = { ...this.#held, signedIn: { ...this.#held.signedIn, user: viewer } };
    await this.#save(this.#held);
    this.#becomeSignedIn(this.#held);
  }

  /** A refresh under way still stores its pair: the old one is used up. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#states.clear();
    this.#tokens.clear();
  }

  async #begin({ answer, serverNow }: { answer: SignedIn; serverNow: number | null }): Promise<void> {
    const session = storedSessionOf(answer, serverNow, this.#options.clock.now());
    await this.#options.device.claim(answer.user.id);
    await this.#save(session);
    this.#adopt(session);
    this.#becomeSignedIn(session);
  }

  /** Single flight: whoever comes while a refresh is under way gets its outcome. */
  #refreshOnce(): Promise<string> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<string> {
    const held = this.#require();
    // Another tab may have refreshed: its pair is the current one, and using the
    // replaced token after the server's grace would end the whole session.
    const elsewhere = await this.#loadOther(held);
    if (elsewhere !== null) {
      this.#adopt(elsewhere);
      if (this.#options.clock.now() < refreshDueAt(elsewhere)) return elsewhere.signedIn.accessToken;
    }
    const used = elsewhere ?? held;
    try {
      return await this.#trade(used);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const later = await this.#loadOther(used);
      if (later !== null) {
        this.#adopt(later);
        return later.signedIn.accessToken;
      }
      if (this.#held === used) await this.#lose(error.code === 'session_revoked' ? 'revoked' : 'expired');
      throw error;
    }
  }

  async #trade(used: StoredSession): Promise<string> {
    const { server, clock } = this.#options;
    const { answer, serverNow } = await requestEndpoint(server, 'refresh', { body: { refreshToken: used.signedIn.refreshToken } }, null);
    // Signed out, or in as somebody else, while the answer was on its way.
    if (this.#held !== used) return this.#require().signedIn.accessToken;
    const session = storedSessionOf(answer, serverNow, clock.now());
    this.#adopt(session);
    await this.#save(session);
    return session.signedIn.accessToken;
  }

  async #loadOther(held: StoredSession): Promise<StoredSession | null> {
    const text = await this.#options.storage.load().catch(() => null);
    const stored = text === null ? null : parseStoredSession(text);
    if (stored === null || stored.signedIn.user.id !== held.signedIn.user.id) return null;
    return stored.signedIn.refreshToken === held.signedIn.refreshToken ? null : stored;
  }

  #adopt(session: StoredSession): void {
    const before = this.#held?.signedIn.user;
    this.#held = session;
    // What the person changed on another device shows here with the next refresh.
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(session.signedIn.user)) this.#becomeSignedIn(session);
    this.#scheduleRefresh(refreshDueAt(session) - this.#options.clock.now());
    this.#tokens.emit(session.signedIn.accessToken);
  }

  #scheduleRefresh(delayMs: number): void {
    this.#cancelTimer?.();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.schedule(Math.max(0, delayMs), () => {
      this.#cancelTimer = null;
      this.#refreshOnce().catch((error: unknown) => {
        this.#options.server.report('session', error);
        if (this.#held !== null) this.#scheduleRefresh(REFRESH_RETRY_MS);
      });
    });
  }

  /** From here on nobody asks for anything in the session's name, and what was asked is given up. */
  #letGo(): void {
    this.#held = null;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#ending.cancel();
    this.#ending = new Cancellation();
  }

  async #lose(reason: Exclude<SignOutReason, 'none'>): Promise<void> {
    this.#letGo();
    await this.#clearStorage();
    // An expired session keeps the device's content for the same person to come
    // back to: messages still in the outbox are not lost to a long holiday.
    if (reason !== 'expired') await this.#options.device.wipe();
    this.#become({ status: 'signed-out', reason });
  }

  /** Storage that refuses to write costs the session at the next start, not now. */
  async #save(session: StoredSession): Promise<void> {
    await this.#options.storage.save(encodeStoredSession(session)).catch((error: unknown) => this.#options.server.report('session', error));
  }

  async #clearStorage(): Promise<void> {
    await this.#options.storage.clear().catch((error: unknown) => this.#options.server.report('session', error));
  }

  #require(): StoredSession {
    if (this.#held === null) throw new CoupletError('not_authenticated');
    return this.#held;
  }

  #becomeSignedIn({ signedIn }: StoredSession): void {
    this.#become({ status: 'signed-in', viewer: signedIn.user, sessionId: signedIn.sessionId });
  }

  #become(state: SessionState): void {
    this.#state = state;
    this.#states.emit(state);
  }
}

function isRefusal(error: unknown): error is CoupletError {
  return error instanceof CoupletError && (error.code === 'session_revoked' || error.code === 'not_authenticated');
}

/**
 * A due refresh got no answer. It may have been carried out: the server repeats
 * the answer for 30 s, and takes the used token for a stolen one after that. So
 * there are several tries within that time.
 */
const REFRESH_RETRY_MS = 5_000;
