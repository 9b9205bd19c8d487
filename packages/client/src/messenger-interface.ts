import type {
  ClientMsgId,
  Conversation,
  ConversationId,
  ConversationSettings,
  Message,
  MessageId,
  Presence,
  Session,
  SessionId,
  SharedMediaKind,
  User,
  UserId,
  Viewer,
} from '@couplet/protocol';
import type { ConnectionState } from './connection/connection-state.ts';
import type { PendingChange, PendingMessage } from './outbox/outbox-entry.ts';
import type { PhotoUploadOptions } from './profile-photo.ts';
import type { ApiClient } from './session/api-client.ts';
import type { ReadingPlace } from './store/store.ts';
import type { OutgoingFile } from './uploads/pending-upload.ts';
import type { SessionState } from './session/session-state.ts';

/** Ascending by seq. `hasOlder` / `hasNewer` tell whether the conversation goes on at either end. */
export interface MessagePage {
  items: Message[];
  hasOlder: boolean;
  hasNewer: boolean;
}

export type MessagePageQuery = {
  conversationId: ConversationId;
  limit: number;
} & ({ at: 'end' } | { at: 'before' | 'after' | 'around'; seq: number });

export interface MessageSearchQuery {
  q: string;
  conversationId?: ConversationId;
  cursor?: string;
}

/** The newest first. */
export interface MessageSearchPage {
  items: Message[];
  nextCursor: string | null;
  /** `device`: only the messages on this device were looked through. */
  scope: 'everywhere' | 'device';
}

export type SharedMediaQuery = {
  conversationId: ConversationId;
  /** `media`: messages with pictures or videos; `files`: with files. */
  kind: SharedMediaKind;
  limit: number;
} & ({ at: 'end' } | { at: 'before' | 'after'; seq: number });

/** From the place that was asked for on: away from it, so newest first unless it was `after`. */
export interface SharedMediaPage {
  items: Message[];
  /** The seq to go on from in the same direction; `null` at the end. */
  next: number | null;
}

export interface SendInput {
  conversationId: ConversationId;
  /** Left out where files say it. */
  text?: string;
  replyTo?: Message;
  files?: readonly OutgoingFile[];
  /** It was the conversation's draft: with the message in the outbox there is no draft left, both or neither. */
  clearsDraft?: true;
}

/** What happened, after it is in the store. Listeners read the store or take what the event carries. */
export type MessengerEvent =
  | { type: 'session-changed'; state: SessionState }
  | { type: 'connection-changed'; state: ConnectionState }
  /** Conversations began or changed: list row, watermarks, unread count. */
  | { type: 'conversations-changed'; conversations: Conversation[] }
  /** Messages of one conversation are new or changed; pending ones that became stored are among them. */
  | { type: 'messages-changed'; conversationId: ConversationId; messages: Message[] }
  /** The outbox of one conversation changed: all that waits in it, in order. */
  | { type: 'pending-changed'; conversationId: ConversationId; pending: PendingMessage[]; changes: PendingChange[] }
  | { type: 'typing'; conversationId: ConversationId; userId: UserId; isTyping: boolean; expiresAt: number }
  | { type: 'presence'; presence: Presence }
  /** How far a file of a pending message is. Only where it is being uploaded from. */
  | { type: 'upload-progress'; clientMsgId: ClientMsgId; fileId: string; sentBytes: number; totalBytes: number }
  /** Files wait for a connection that costs nothing extra, or wait no more. */
  | { type: 'uploads-held'; areHeld: boolean }
  /** In another tab the person chose what files do over a metered connection. It holds here already. */
  | { type: 'metered-wait-chosen'; waits: boolean }
  /** Everything on the device was replaced by a snapshot: read anew. */
  | { type: 'resynced' };

export interface Diagnostics {
  connection: ConnectionState;
  epoch: string | null;
  position: number;
  outboxSize: number;
  /** Conversations whose watermarks or settings the server has not confirmed yet. */
  unconfirmed: number;
  lastErrors: { at: number; where: string; message: string }[];
  ignoredFrames: number;
  protocolVersion: number;
  appVersion: string | null;
}

/** The messenger without a screen. Commands reject with `CoupletError`; reads come from the device first. */
export interface Messenger {
  readonly session: {
    state(): SessionState;
    register(input: { email?: string; phone?: string; username?: string; password: string; name: string }): Promise<void>;
    login(input: { login: string; password: string }): Promise<void>;
    /** Ends the session at the server if it can be reached, and wipes the device in any case. */
    logout(): Promise<void>;
    list(): Promise<Session[]>;
    revoke(id: SessionId): Promise<void>;
    updateProfile(change: { name?: string; username?: string }): Promise<Viewer>;
    /** Shows this picture as the viewer's photo, once it is at the server; `null` shows none. */
    setPhoto(photo: OutgoingFile | null, options?: PhotoUploadOptions): Promise<Viewer>;
  };
  readonly connection: {
    state(): ConnectionState;
    /** What the platform says; `connection-changed` is told when it changes while there is something to connect to. */
    hasNetwork(): boolean;
    /** Try now instead of when the timer says: the app came to the foreground, the person pressed retry. */
    wake(): void;
    /** `false` while the app is in the background. */
    setActive(isActive: boolean): void;
  };
  readonly conversations: {
    /** By last activity, pinned first, from the device; past its edge from the server. */
    list(query: { limit: number; offset: number }): Promise<{ items: Conversation[]; hasMore: boolean }>;
    get(id: ConversationId): Promise<Conversation | null>;
    /** Finds or begins the conversation with this person. Needs the server when it is not on the device. */
    openWith(userId: UserId): Promise<Conversation>;
    update(id: ConversationId, settings: ConversationSettings): Promise<Conversation>;
    /** Where reading was left on this device; `null` at the end. */
    place(id: ConversationId): Promise<ReadingPlace | null>;
    /** Resolves once it is in the store. `null`: at the end, where a conversation opens by itself. */
    leavePlace(id: ConversationId, place: ReadingPlace | null): Promise<void>;
  };
  readonly messages: {
    page(query: MessagePageQuery): Promise<MessagePage>;
    pending(conversationId: ConversationId): Promise<PendingMessage[]>;
    /**
     * Resolves once the message and its outbox entry are in the store; sending goes on by itself.
     *
     * @param composed called with the message before it is stored, for a screen that shows it at once; when the promise rejects it was never kept
     */
    send(input: SendInput, composed?: (pending: PendingMessage) => void): Promise<PendingMessage>;
    /** Changes of messages that the server has not confirmed; the messages show them already. */
    pendingChanges(conversationId: ConversationId): Promise<PendingChange[]>;
    /** A failed entry of the outbox goes back to the queue: a message by its clientMsgId, with the same one; a change by its id. */
    retry(id: string): Promise<void>;
    /** Takes an entry out of the outbox: the message was never sent, or is again as the server has it. */
    discard(id: string): Promise<void>;
    /**
     * Changes are shown and stored when the promise resolves, and go out by
     * themselves. A message is named by its id, or while it is in the outbox by its
     * clientMsgId. Rejects with `not_found` (not on this device), `forbidden`
     * (another's words), `conflict` (deleted) or `validation_failed`.
     */
    edit(id: MessageId | ClientMsgId, text: string): Promise<void>;
    delete(id: MessageId | ClientMsgId): Promise<void>;
    /** `null` takes the viewer's reaction back. */
    react(id: MessageId | ClientMsgId, emoji: string | null): Promise<void>;
    /**
     * Messages with a word beginning with each word of `q`: the server's answer
     * together with what the device has, each once. Without the server, the device's.
     */
    search(query: MessageSearchQuery): Promise<MessageSearchPage>;
    /** The first page of what is on this device, within milliseconds. */
    searchDevice(query: { q: string; conversationId?: ConversationId }): Promise<MessageSearchPage>;
    /**
     * What was shared in a conversation: from the device as far as it has every
     * message, past that from the server. Without the server, what the device has.
     */
    shared(query: SharedMediaQuery): Promise<SharedMediaPage>;
    /** The viewer has seen everything up to `seq`. Coalesced; only rises. */
    markRead(conversationId: ConversationId, seq: number): Promise<void>;
  };
  readonly uploads: {
    /** Files wait for a connection that costs nothing extra; what is written goes out all the same. */
    areHeld(): boolean;
    /** What the person wants: files wait while the connection is metered. From now on, in all tabs. */
    waitWhileMetered(waits: boolean): void;
    /** The files of this message do not wait for it. Rejects with `not_found` when it left the outbox. */
    sendAnyway(clientMsgId: ClientMsgId): Promise<void>;
  };
  readonly people: {
    search(query: string): Promise<User[]>;
    get(id: UserId): Promise<User>;
    block(id: UserId): Promise<void>;
    unblock(id: UserId): Promise<void>;
  };
  readonly presence: {
    /** Follow exactly these people. */
    watch(userIds: UserId[]): void;
    /** What is known now; `unknown` while not online. */
    get(userId: UserId): Presence;
    setTyping(conversationId: ConversationId, isTyping: boolean): void;
  };
  readonly api: ApiClient;
  diagnostics(): Promise<Diagnostics>;
  subscribe(listener: (event: MessengerEvent) => void): () => void;
  /** Restores the session from the device and, when there is one, connects. Resolves when reads work. */
  start(): Promise<void>;
  close(): Promise<void>;
}
