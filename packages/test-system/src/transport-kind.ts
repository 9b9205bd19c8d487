/** What a device speaks with the server. */
export type TransportKind = 'native' | 'pusher';
