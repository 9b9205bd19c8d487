export { CoupletError } from '@couplet/protocol';
export type { ConnectionState, SyncPhase } from './connection/connection-state.ts';
export type { Diagnostics, MessagePage, MessagePageQuery, MessageSearchPage, MessageSearchQuery, Messenger, MessengerEvent, SendInput, SharedMediaPage, SharedMediaQuery } from './messenger-interface.ts';
export { createMessenger, type MessengerOptions } from './messenger.ts';
export type { ChangeTarget, OutboxEntry, PendingChange, PendingMessage, SendState } from './outbox/outbox-entry.ts';
export type {
  ClockPort,
  HttpPort,
  HttpRequest,
  HttpResponse,
  MeterPort,
  NetworkPort,
  Ports,
  RandomPort,
  SiblingsPort,
  Socket,
  SocketHandlers,
  SocketPort,
  TokenStorage,
} from './ports/ports.ts';
export type { PhotoUploadOptions } from './profile-photo.ts';
export { type Problem, ProblemLog, type Report } from './problem-log.ts';
export type { CancelSignal, FilePut, FilesPort } from './ports/files-port.ts';
export type { ApiClient } from './session/api-client.ts';
export type { SessionState, SignOutReason } from './session/session-state.ts';
export { sortableTimestamp } from './store/compare-timestamps.ts';
export { createMemoryStore } from './store/memory-store.ts';
export { readable, RowReader } from './store/row-reader.ts';
export { type StoredMessageSearch, wordsOf } from './store/search-index.ts';
export {
  EMPTY_LOG,
  type LogState,
  type PendingReceipts,
  type PendingSettings,
  type ReadingPlace,
  type Store,
  type StoreReader,
  type StoreWriter,
  type WordsOfRows,
} from './store/store.ts';
export { createNativeTransport, type NativeTransportOptions } from './transports/native-transport.ts';
export { type PusherPort, pusherPort } from './transports/pusher-port.ts';
export { createPusherTransport, type PusherTransportOptions } from './transports/pusher-transport.ts';
export type {
  ConnectionLoss,
  OutgoingMessage,
  SentMessage,
  Signal,
  Transport,
  TransportConnection,
  TransportCredentials,
  TransportListener,
  TransportOpening,
  WatermarkKind,
} from './transports/transport.ts';
export { Cancellation } from './cancellation.ts';
export type { OutgoingFile, PendingUpload } from './uploads/pending-upload.ts';
